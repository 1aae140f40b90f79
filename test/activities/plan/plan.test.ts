import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { digestSubject } from '../../../domain/deploy/digest.ts';
import { namespaces } from '../../../domain/deploy/wire.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { Budget } from '../../../domain/config/budget.ts';
import {
  ci,
  commit,
  configOf,
  hosts,
  live,
  memory,
  now,
  plan,
  planner,
  shipped,
  signed,
} from '../../support/planning.ts';

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

const prove = (sha: string, more = {}) =>
  memory.ledger.append({
    ...{ kind: 'closed', key: `d-${sha[0]}/closed`, deployId: `d-${sha[0]}` },
    ...{ project: 'shop', environment: 'production' },
    body: { outcome: 'succeeded', sha, release: { id: `${sha.slice(0, 12)}-9`, sha }, ...more },
  });

describe('the freezes of a plan', () => {
  // The plan is made on a Tuesday at 10:00 UTC and expires after two hours. The release may take
  // ten minutes to prepare and two minutes to start. The watch lasts half an hour.
  const freeze = (from: string, to: string) =>
    configOf({ freeze: [{ name: 'release day', from, to, timeZone: 'Europe/Berlin' }] });

  test('are those it could still meet', async () => {
    const near = await plan({ config: freeze('tue 13:42', 'tue 18:00') });
    expect(near.freezeWindows).toEqual([
      { name: 'release day', from: now + 162 * 60_000, to: now + 7 * 3600_000 },
    ]);
    expect(
      (await plan({ config: freeze('tue 13:43', 'tue 18:00') })).freezeWindows,
    ).toBeUndefined();
  });

  test('ask one more approver of a hotfix only', async () => {
    const config = freeze('mon 08:00', 'wed 08:00');
    expect((await plan({ config })).rule.required).toBe(1);
  });
});

describe('what it costs', () => {
  const priced = (dollars: number) => {
    const cost = { cost: { perDeploy: dollars } };
    return plan(
      { config: configOf({ budget: Budget.parse({}) }, cost) },
      { environment: 'staging' },
    );
  };

  test('is shown, and up to $5 asks for nobody', async () => {
    const { budget, rule } = await priced(5);
    expect(budget).toMatchObject({ estimate: 5_000_000, limits: { task: 5_000_000 }, agent: 'ci' });
    expect(rule.reasons.join()).not.toContain('that a task may cost');
    expect((await plan({})).budget).toBeUndefined();
  });

  test('needs a human above that, also where none is needed', async () => {
    const { rule } = await priced(5.01);
    expect(rule.required).toBe(1);
    expect(rule.reasons).toContain(
      'a human: the deploy costs about $5.01, more than the $5.00 that a task may cost',
    );
  });
});

describe('a stop of the line', () => {
  const stopNow = () =>
    memory.ledger.append({
      ...{ kind: 'stopped', key: 'stop/1', deployId: null, project: null, environment: null },
      body: { by: 'alice', reason: 'the database is full' },
    });

  test('stands in the plan, and asks one more approver of a hotfix only', async () => {
    expect((await plan()).stopped).toBeUndefined();
    const { at } = await stopNow();
    const stopped = { key: 'stop/1', by: 'alice', reason: 'the database is full', at };
    const planned = await plan({}, { nonce: 'd'.repeat(32) });
    expect(planned).toMatchObject({ stopped, rule: { required: 1 } });
    const { rule } = await plan({}, { priority: 'P0', nonce: 'e'.repeat(32) });
    expect(rule).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'one more approver: this hotfix passes the stop of alice, "the database is full"',
      ],
    });
    expect(digestSubject(planned, [])).toMatchObject({ plan: { stopped } });
  });

  test('does not block a release that was live before, and says so', async () => {
    await stopNow();
    const place = { deployId: 'd-0', project: 'shop', environment: 'production' };
    const rollbackTarget = { id: 'bbbbbbbbbbbb-99999999', sha: shipped };
    const body = { sha: live, rollbackTarget };
    await memory.ledger.append({ ...place, kind: 'released', key: 'd-0/released', body });
    const back = await plan({}, { priority: 'P0', nonce: 'f'.repeat(32) });
    expect(back).toMatchObject({ redeploysPrevious: true, rule: { required: 1 } });
    expect(back).not.toHaveProperty('stopped');
    expect(back.warnings?.[0]).toBe(
      'this deploy redeploys the previous release, so no freeze window and no stop blocks it',
    );
    expect(digestSubject(back, [])).toMatchObject({ plan: { redeploysPrevious: true } });
  });
});

describe('what changes', () => {
  const side = { mode: '100644', text: 'select 1;' };
  const files = [{ path: 'supabase/migrations/1.sql', before: null, after: side }];
  const why = 'the deploy changes schema migrations (supabase/migrations/1.sql)';

  test('asks for two on production, and for one where it is automatic', async () => {
    const { rule } = await plan({ changes: { files } });
    expect(rule).toMatchObject({
      required: 2,
      reasons: ['production always needs a human', `two approvers: ${why}`],
      eligible: ['alice', 'bob'],
    });
    const staging = await plan({ changes: { files } }, { environment: 'staging' });
    expect(staging.rule).toMatchObject({
      required: 1,
      reasons: ['staging is automatic', `a human: ${why}`],
      eligible: ['bob'],
    });
  });

  test('makes the rollback need a signature, and the plan says so', async () => {
    const made = await plan({ changes: { files } });
    const note =
      'NOT automatic: this release contains schema migrations that are not declared ' +
      'backward-compatible (supabase/migrations/1.sql); if this release fails, it stays live until an ' +
      'approver signs the rollback';
    expect(made.forwardOnly).toBe('supabase/migrations/1.sql');
    expect(made.warnings?.[0]).toBe(note);
    expect(made.rollbackSteps).toContain(note);
    expect(made.steps.at(-1)).toBe(
      'watch probes and the error log for 30 min; page a person if they turn bad',
    );
    const { forwardOnly: _, ...other } = made;
    expect(canonicalJson(digestSubject(made, []))).not.toBe(
      canonicalJson(
        digestSubject({ ...other, rollbackSteps: made.rollbackSteps, steps: made.steps }, []),
      ),
    );
  });

  test('changes beyond the read limits are not rolled back automatically, and the plan says why', async () => {
    const unread = 'there are 9000 changed files, but at most 5000 are read';
    const made = await plan({ changes: { unread } });
    expect(made.forwardOnly).toBe(`unread changes may contain migrations: ${unread}`);
    expect(made.warnings?.[0]).toBe(
      'NOT automatic: this release contains schema migrations that are not declared ' +
        `backward-compatible (unread changes may contain migrations: ${unread}); if this release fails, it stays ` +
        'live until an approver signs the rollback',
    );
  });

  test('that declares itself backward-compatible is rolled back, and the plan says so', async () => {
    const after = { mode: '100644', text: '-- plimsoll: backward-compatible\nselect 1;' };
    const made = await plan({ changes: { files: [{ ...files[0]!, after }] } });
    expect(made).not.toHaveProperty('forwardOnly');
    expect(made.rule.required).toBe(2);
    expect(made.rollbackSteps).toContain(
      'the rollback crosses schema migrations that are declared backward-compatible ' +
        '(supabase/migrations/1.sql)',
    );
  });

  test('says nothing of a rollback target where there is none', async () => {
    const states = Object.fromEntries(hosts.map((host) => [host, { sha: null, ready: [] }]));
    const made = await plan({ changes: { files }, states });
    expect(made).toMatchObject({ rollbackTarget: null });
    expect(made).not.toHaveProperty('forwardOnly');
  });

  test('is measured from the live release, whatever rollback target was chosen', async () => {
    const ready = [live, shipped, 'c'.repeat(40)];
    const states = Object.fromEntries(hosts.map((host) => [host, { ready }]));
    const { planDeploy, asked } = planner({ states });
    const input = { signed: signed({ rollbackTarget: 'ccccccc' }), runId: 'run-1', record: true };
    expect((await planDeploy(input)).rollbackTarget?.sha).toBe('c'.repeat(40));
    expect(asked).toContain('changes aaaaaaa..bbbbbbb');
  });

  test('is held against the rules of the project', async () => {
    const rules = [{ name: 'schema', paths: ['supabase/*'], approvers: 1 }];
    const shop = { ...configOf().projects['shop'], rules };
    const { rule } = await plan({ config: configOf({ projects: { shop } }), changes: { files } });
    expect(rule.reasons.at(-1)).toBe(
      'a human: the rule "schema" applies (supabase/migrations/1.sql)',
    );
  });

  test('is held against the roles of the project and of its people', async () => {
    const { alice, bob } = configOf().approvers;
    const shop = { ...configOf().projects['shop'], roles: { migrations: 'dba' } };
    const approvers = { alice, bob: { ...bob, roles: ['dba'] } };
    const config = configOf({ projects: { shop }, approvers });
    const { rule } = await plan({ config, changes: { files } });
    expect(rule).toMatchObject({ required: 2, roles: [{ name: 'dba', people: ['bob'] }] });
    expect(rule.reasons).toContain(`two approvers, one of them dba: ${why}`);
    await expect(
      plan({ config: configOf({ projects: { shop } }), changes: { files } }),
    ).rejects.toMatchObject({
      message:
        'No configured person can approve shop production: the role dba is required and nobody ' +
        'has it: add "roles: [dba]" to a person under "approvers:"; two approvers, one of them ' +
        `dba: ${why}.\n` +
        'Nothing was touched. Change plimsoll.yaml, start the worker again, and deploy again.',
    });
  });

  test('that nobody can approve is a matter of the configuration', async () => {
    const { alice } = configOf().approvers;
    await expect(
      plan({ config: configOf({ approvers: { alice } }), changes: { files } }),
    ).rejects.toMatchObject({
      message:
        'No configured person can approve shop production: 2 approvers are required and only ' +
        'alice is configured: add a second person under "approvers:", or set "solo: ' +
        `touch-key"; two approvers: ${why}.\n` +
        'Nothing was touched. Change plimsoll.yaml, start the worker again, and deploy again.',
    });
  });
});

describe('a plan', () => {
  test('says what will be done, where, with which rollback target, and who must approve', async () => {
    const made = await plan();
    expect(made).toMatchObject({
      deployId: expect.stringMatching(/^d-[0-9a-f]{12}$/) as string,
      sha: shipped,
      requestedBy: 'ci',
      release: { id: expect.stringMatching(/^b{12}-[0-9a-f]{8}$/) as string, sha: shipped },
      rollbackTarget: { sha: live },
      lastProven: null,
      commits: [{ sha: commit(1).sha, title: 'Commit 1', emails: ['alice@shop.example'] }],
      commitsLeftOut: 0,
      rule: {
        required: 1,
        reasons: ['production always needs a human'],
        eligible: ['bob'],
        notAlone: [['alice']],
        solo: 'off',
      },
      github: null,
      slack: null,
      branch: 'main',
      revert: 'push',
      ownsBranch: true,
      plannedAt: '2026-11-24T10:00:00.000Z',
      notAfter: '2026-11-24T12:00:00.000Z',
    });
    expect(
      (made.target as VpsTarget).hosts.map(({ name, host, port }) => [name, host, port]),
    ).toEqual([
      ['deploy@one.example:22', 'one.example', 22],
      ['deploy@two.example:2222', 'two.example', 2222],
    ]);
    expect(made.steps).toEqual([
      'stage bbbbbbb under /srv/shop/releases on deploy@one.example:22, deploy@two.example:2222, then run "npm ci"',
      'make it current on deploy@one.example:22, restart shop, prove health, version and heartbeat',
      'make it current on deploy@two.example:2222, restart shop, prove health, version and heartbeat',
      'smoke test the critical paths: auth, payments, core',
      'watch probes and the error log for 30 min; roll back at once if they turn bad',
    ]);
    expect(made.rollbackSteps).toEqual([
      'make aaaaaaa current on deploy@two.example:2222, restart, prove by probing',
      'make aaaaaaa current on deploy@one.example:22, restart, prove by probing',
      'aaaaaaa is live, but no watch of Plimsoll has proven it',
    ]);
    expect(made.commits[0]).not.toHaveProperty('message');
    expect(made.live[0]).not.toHaveProperty('ready');
  });

  test('is recorded as started under the nonce of its request', async () => {
    const made = await plan();
    expect(await memory.ledger.read({ limit: 9 })).toMatchObject([
      {
        kind: 'started',
        key: `request/${'1'.repeat(32)}`,
        deployId: made.deployId,
        body: { runId: 'run-1', sha: shipped, release: made.release, requestedBy: 'ci' },
      },
    ]);
  });

  test('that is only shown records nothing and uses up no nonce', async () => {
    const { planDeploy } = planner();
    const shown = signed({}, ci, namespaces.plan);
    const input = { signed: shown, runId: 'run-1', record: false };
    await planDeploy(input);
    await planDeploy({ ...input, runId: 'run-2' });
    expect(await memory.ledger.read({ limit: 9 })).toEqual([]);
    // Somebody who has seen the request of the command `plan` cannot deploy with it, nor turned.
    await expect(planDeploy({ ...input, record: true })).rejects.toThrow(
      'it was made for "plimsoll-plan@v1", not for "plimsoll-request@v1"',
    );
    await expect(planDeploy({ ...input, signed: signed() })).rejects.toThrow(
      'it was made for "plimsoll-request@v1", not for "plimsoll-plan@v1"',
    );
  });

  test('asked again by the same run is the same deploy, however late', async () => {
    const first = await plan();
    const again = await plan({ clock: now + 3_600_000 });
    expect(again.deployId).toBe(first.deployId);
    expect(await memory.ledger.read({ limit: 9 })).toHaveLength(1);
  });

  test('the release id follows the settings', async () => {
    const one = await plan();
    const other = await plan({ config: configOf({}, { prepare: 'npm ci --omit=dev' }) });
    expect(other.release.sha).toBe(one.release.sha);
    expect(other.release.id).not.toBe(one.release.id);
  });

  test('watches probes always, and the log as far as there is a baseline', async () => {
    const blind = await plan();
    expect(blind.watch).toMatchObject({
      sources: [
        { name: 'probes', required: true, share: 0.5 },
        { name: 'error-log', required: false, share: 0.5 },
      ],
      plannedSamples: 180,
      onInconclusive: 'keep',
    });
    const baseline = { errors: 10, requests: 86_400, phi: 1, tau: 0 };
    const unproven = await plan({ baseline });
    expect(unproven.watch.sources[1]).toMatchObject({ name: 'error-log', required: false });
    await prove(live);
    const seeing = await plan({ baseline });
    expect(seeing.watch.sources[1]).toEqual({ name: 'error-log', required: true, share: 0.5 });
    expect(seeing.baseline).toEqual(baseline);
    expect(seeing.power.length).toBeGreaterThan(2);
  });

  test('the sandbox scales time and nothing else', async () => {
    const real = await plan();
    const scaled = await plan({ config: configOf({ sandbox: true, timeScale: 60 }) });
    expect(scaled.timing).toMatchObject({ windowMs: 30_000, scale: 60 });
    expect(scaled.watch).toEqual(real.watch);
    expect(scaled.rule).toEqual(real.rule);
    const unlit = await plan({ config: configOf({ sandbox: false, timeScale: 60 }) });
    expect(unlit.timing).toEqual(real.timing);
  });

  test('names Slack and GitHub where they are configured', async () => {
    const config = configOf({ slack: { token: 'env:SLACK' }, github: { token: 'env:GITHUB' } });
    expect(await plan({ config })).toMatchObject({
      slack: { deployments: '#deployments', incidents: '#incidents' },
      github: 'acme/shop',
    });
  });

  test('remembers: last outcome, open incidents, the id of what is live, last proven', async () => {
    const entry = { deployId: 'd-0', project: 'shop', environment: 'production' };
    const release = { id: 'aaaaaaaaaaaa-99999999', sha: live };
    const body = { outcome: 'succeeded', sha: live, release };
    await memory.ledger.append({ ...entry, kind: 'closed', key: 'd-0/closed', body });
    const incident = { incident: 'incident-d-0' };
    await memory.ledger.append({ ...entry, kind: 'incident', key: 'd-0/incident', body: incident });
    const made = await plan();
    expect(made.rollbackTarget).toEqual(release);
    expect(made.lastProven).toEqual(release);
    expect(made.rollbackSteps).toHaveLength(2);
    expect(made.recall).toMatchObject({
      lastOutcome: 'succeeded',
      lastSha: live,
      openIncidents: [expect.stringMatching(/^incident-d-0 since 2/) as string],
    });
  });

  test('staging is automatic and does not own the branch', async () => {
    expect(await plan({}, { environment: 'staging' })).toMatchObject({
      rule: { required: 0 },
      ownsBranch: false,
    });
  });

  test('names the environment before, if there is one, and an approval is about it', async () => {
    const config = configOf();
    config.projects['shop']!.environments['production']!.after = 'staging';
    const made = await plan({ config });
    expect(made.after).toBe('staging');
    expect(digestSubject(made, [])).toMatchObject({ plan: { after: 'staging' } });
    expect(await plan({ config }, { environment: 'staging' })).not.toHaveProperty('after');
  });

  test('a commit that is not on the branch is deployed only with a warning', async () => {
    expect((await plan({ onBranch: false })).rule.reasons).toEqual([
      'production always needs a human',
      'the commit is not on main',
    ]);
  });

  test('stays below 12 KB with 5,000 long commits, and every author still counts', async () => {
    const commits = Array.from({ length: 5000 }, (_, n) =>
      commit(n, {
        title: 'ä'.repeat(300),
        emails: n === 4999 ? ['bob@shop.example'] : ['alice@shop.example', 'ci@shop.example'],
      }),
    );
    const made = await plan({ commits: { commits, total: 5000 } });
    expect(Buffer.byteLength(canonicalJson(made))).toBeLessThanOrEqual(12 * 1024);
    expect(made.commits.length).toBeGreaterThanOrEqual(20);
    expect(made.commits.length + made.commitsLeftOut).toBe(5000);
    expect(made.rule).toMatchObject({ notAlone: [['alice'], ['bob']], eligible: ['alice', 'bob'] });
  });

  test('more commits than can be read need two approvers', async () => {
    const made = await plan({ commits: { commits: [commit(1)], total: 6000 } });
    expect(made.rule.required).toBe(2);
  });
});
