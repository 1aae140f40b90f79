import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mayChangeNow } from '../../activities/lib/attempt.ts';
import { clocks } from '../../activities/lib/clocks.ts';
import { effectName } from '../../activities/lib/effect.ts';
import { createSeals } from '../../activities/lib/seals.ts';
import { kinds } from '../../domain/contract/kinds.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Plan, Release, SealedPlan, Warrant } from '../../domain/deploy/plan.ts';
import { checksOf } from '../../domain/gates/table.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { own } from '../../activities/lib/own.ts';
import { whyNotSealedBy } from '../../worker/seal/verify-plan.ts';
import { wholePlan } from '../support/plan.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import { config, guardedWorker, names, place, plan, run, seals } from './support/guarded-worker.ts';
import { state, target, type Call } from './support/guarded-worker.ts';

/**
 * Whoever reaches the Temporal server can order every activity with any input. These tests order
 * them as such a person would.
 */

const strangerSeals = createSeals(generateKeyPairSync('ed25519').privateKey);

/** The activities that need no sealed input, each with the reason. */
const needsNoSeal: Partial<Record<keyof Activities, string>> = {
  planDeploy: 'verifies the signed request',
  planAdoption: 'verifies the signed request',
  planRollback: 'verifies the signed request',
  readReleases: 'reads a configured place',
  weighRequest: 'verifies the signed request',
  liftQuarantine: 'verifies the signed decision',
  waiveFinding: 'verifies the signed decision',
  stopLine: 'verifies the signed decision',
  resumeLine: 'verifies the signed decision',
  closeAfterRollback: 'reads the deploy from the ledger, and its end counts only with a seal',
  signPush: 'signs only the newest commit of a place with deployOn: push',
  readBranch: 'reads a configured place',
  readServed: 'reads a configured place',
  sealReturned: 'reads a configured place, and seals only what the worker itself sees',
  readLastDriftReport: 'reads reports of this namespace',
  findLost: 'reads the ledger and this namespace',
  freeLocks: 'ends only workflows that the ledger does not know',
  readLedger: 'reads the ledger, which has no secrets',
  verifyLedger: 'reads the ledger',
  tallyBudget: 'has no input',
  dueAlerts: 'reads the ledger',
  checkTests: 'asks the configured repository, and its report counts only with a seal',
  checkPrevious: 'asks the ledger, and its report counts only with a seal',
  notify: 'writes to configured channels only',
  page: 'pages the configured people only',
  setDeadMansSwitch: 'writes to configured channels only',
  clearDeadMansSwitch: 'writes to configured channels only',
};

let worker: Awaited<ReturnType<typeof guardedWorker>>;
let order: typeof worker.order;
let ledger: typeof worker.ledger;
let calls: Call[];
let sealed: SealedPlan;
let warrant: Warrant;

beforeEach(async () => {
  worker = await guardedWorker();
  ({ order, ledger, calls, sealed, warrant } = worker);
  await order('append', worker.intent());
  calls.length = 0;
});

const refusal = expect.objectContaining({ type: failures.refused });
const [host] = 'hosts' in target ? target.hosts : [];
const step = () => ({ warrant, deploy: warrant.deploy, target, host, release: warrant.release });

describe('an approved deploy', () => {
  test('may act in its own run, on what the worker itself knows', async () => {
    const evil = { ...target, directory: '/', prepare: 'id', repository: 'https://evil.example' };
    const asked = { ...step(), target: evil, release: { id: 'evil', sha: 'e'.repeat(40) } };
    await order('stageRelease', { ...asked, host: { ...host, host: 'evil.example' }, epoch: 9e12 });
    const [call] = calls;
    expect(call?.name).toBe('stageRelease');
    const { epoch } = warrant;
    const release = plan.release;
    expect(call?.input).toEqual({ deploy: warrant.deploy, target, host, release, epoch });
    expect(Math.abs(epoch - Date.now())).toBeLessThan(60_000);
  });

  test('is refused in another run, such as a run after a reset', async () => {
    await expect(order('switchRelease', step(), 'run-after-a-reset')).rejects.toEqual(refusal);
  });

  test('is refused after its end, after its rollback began, and after a newer deploy began', async () => {
    await order('switchRelease', step());
    await order('declareRollback', { warrant });
    calls.length = 0;
    const { deployId } = warrant.deploy;
    const row = { deployId, ...place, body: { sha: plan.sha } };
    await ledger.append({ kind: 'rolling-back', key: `${deployId}/rolling-back`, ...row });
    await expect(order('switchRelease', step())).rejects.toThrow('the rollback of this deploy');
    const newer = { ...place, deployId: 'd-newer', body: { runId: 'another' } };
    await ledger.append({ kind: 'started', key: 'newer', ...newer });
    await ledger.append({ kind: 'closed', key: `${deployId}/closed`, ...row });
    await expect(order('switchRelease', step())).rejects.toThrow('the deploy has ended');
    expect(calls).toEqual([]);
  });

  test.each([
    ['its end', 'closed', 'the deploy has ended'],
    ['the begin of its rollback', 'rolling-back', 'the rollback of this deploy has begun'],
    ['the begin of a newer deploy', 'started', 'a newer deploy of this place has begun'],
  ] as const)('changes nothing after %s, while it works already', async (_, kind, why) => {
    const { deployId } = warrant.deploy;
    worker.world.whileItWorks = async () => {
      const key = kind === 'started' ? 'newer' : `${deployId}/${kind}`;
      const row = { deployId: kind === 'started' ? 'd-newer' : deployId, ...place, body: {} };
      await ledger.append({ kind, key, ...row });
      await mayChangeNow();
    };
    await expect(order('switchRelease', step())).rejects.toThrow(why);
  });

  test('a rollback of it has the next epoch, and the next deploy has a larger one', async () => {
    const body = { plan: { ...sealed.plan, warrant: { ...warrant, epoch: 9e12 } } };
    await order('rollBackHost', { ...step(), startUpMs: 1 });
    await order('pruneReleases', { ...step(), keep: [] });
    const next = warrant.epoch + 1;
    expect(calls.map(({ input }) => input['epoch'])).toEqual([next, next]);
    const row = { deployId: 'd-skewed', ...place, body };
    await ledger.append({ kind: 'released', key: 'd-skewed/released', ...row });
    const later = await worker.approvedDeploy();
    expect(later.plan.warrant?.epoch).toBe(9e12 + 2);
  });

  test('a late rollback of it stops when a newer deploy has changed production', async () => {
    const usual = { ...clocks };
    worker.world.whileItWorks = async () => {
      const row = { deployId: 'd-newer', ...place, body: {} };
      await ledger.append({ kind: 'released', key: 'd-newer/released', ...row });
      clocks.monotonic = () => usual.monotonic() + 2500;
      await mayChangeNow().finally(() => Object.assign(clocks, usual));
    };
    await expect(order('rollBackHost', { ...step(), startUpMs: 1 })).rejects.toThrow(
      'the newer deploy d-newer of this place has changed production',
    );
  });

  describe('that was rolled back', () => {
    const again = 'run-of-the-check';
    const seal = async () => (await order('sealReturned', place, again)) as Plan | null;
    beforeEach(async () => {
      const { deployId } = warrant.deploy;
      const row = { deployId, ...place };
      worker.world.rolledBack = sealed.plan;
      const outcome = { outcome: 'rolled-back' };
      await ledger.append({ kind: 'closed', key: `${deployId}/closed`, ...row, body: outcome });
      worker.hostsServe(plan.sha);
    });

    test('is rolled back again only while its release is served', async () => {
      await expect(order('rollBackHost', { ...step(), startUpMs: 1 })).rejects.toThrow('has ended');
      worker.hostsServe(plan.rollbackTarget!.sha);
      expect(await seal()).toBeNull();
      worker.hostsServe('e'.repeat(40));
      expect(await seal()).toBeNull();
      worker.hostsServe(plan.sha);
      const made = await seal();
      calls.length = 0;
      const asked = { ...step(), warrant: made?.warrant, startUpMs: 1 };
      await order('rollBackHost', asked, again);
      const { release, epoch } = calls[0]!.input as { release: Release; epoch: number };
      expect([release, epoch]).toEqual([plan.rollbackTarget, warrant.epoch + 1]);
    });

    test('is rolled back again although a host is dead, but not if no host answers', async () => {
      worker.world.dead = sitesOf(target)[0]?.name ?? '';
      expect(await seal()).toMatchObject({ warrant: { purpose: 'again' } });
      worker.world.served = null;
      await expect(seal()).rejects.toMatchObject({
        nonRetryable: false,
        message: expect.stringContaining('no host answers'),
      });
    });

    test('is not rolled back again elsewhere, forward, or after a newer deploy', async () => {
      const made = await seal();
      calls.length = 0;
      const asked = { ...step(), warrant: made?.warrant, startUpMs: 1, keep: [] };
      await expect(order('rollBackHost', asked)).rejects.toThrow('another workflow run');
      for (const name of ['stageRelease', 'switchRelease', 'restartService', 'pruneReleases'])
        await expect(order(name, asked, again)).rejects.toThrow('allows only a rollback');
      await expect(order('publishCommit', asked, again)).rejects.toThrow('allows only a rollback');
      const entry = { ...asked, kind: 'closed', key: 'x', body: { outcome: 'succeeded' } };
      await expect(order('append', entry, again)).rejects.toEqual(refusal);
      const end = { plan: made, outcome: 'rolled-back' };
      await expect(order('sealEnd', end, again)).rejects.toThrow('has ended already');
      const row = { deployId: 'd-newer', ...place, body: {} };
      await ledger.append({ kind: 'released', key: 'd-newer/released', ...row });
      await expect(order('rollBackHost', asked, again)).rejects.toThrow('a newer deploy');
      expect(calls).toEqual([]);
    });
  });

  test('is not watched again by a run after a reset, once it has ended', async () => {
    const asked = { ...step(), startedAt: 0, earlier: [] };
    await order('inspectHosts', asked, 'run-after-a-reset');
    const row = { deployId: warrant.deploy.deployId, ...place, body: { outcome: 'succeeded' } };
    await ledger.append({ kind: 'closed', key: `${row.deployId}/closed`, ...row });
    calls.length = 0;
    for (const name of ['takeSamples', 'runSmoke', 'inspectHosts'])
      await expect(order(name, asked, 'run-after-a-reset')).rejects.toMatchObject({
        type: failures.ended,
      });
    expect(calls).toEqual([]);
    await order('inspectHosts', asked);
    expect(calls).toHaveLength(1);
  });

  test('rolls back without its run, and without an answer of the ledger', async () => {
    ledger.read = () => new Promise(() => {});
    ledger.find = () => Promise.reject(new Error('the ledger is away'));
    worker.world.execution = state('TERMINATED');
    await order('rollBackHost', step(), 'run-of-the-recovery');
    expect(calls[0]?.input['release']).toEqual(plan.rollbackTarget);
  });

  test('does not roll back over a newer deploy', async () => {
    const row = { kind: 'released', deployId: 'd-newer', ...place, body: {} } as const;
    await ledger.append({ key: 'd-newer/released', ...row });
    await expect(order('rollBackHost', step())).rejects.toThrow('the newer deploy d-newer');
  });

  test('makes only its own build live', async () => {
    const other = { ...step(), id: 'dpl_of_a_stranger' };
    await expect(order('promoteDeployment', other)).rejects.toThrow('is not the build of this');
    expect(calls).toEqual([]);
  });
});

describe('the attacks of a person who reaches the server', () => {
  const forged = (over: object = {}): SealedPlan => ({
    ...sealed,
    plan: { ...sealed.plan, ...over },
  });

  test.each<[string, string, () => unknown, string]>([
    ['ships without a request', 'switchRelease', () => ({ ...step(), warrant: undefined }), run],
    [
      'reads any variable of the worker',
      'inspectHosts',
      () => ({
        target: { platform: 'vercel', api: 'https://evil.example', token: 'env:GITHUB_TOKEN' },
      }),
      run,
    ],
    [
      'runs a command on a host',
      'rollBackHost',
      () => ({
        ...step(),
        warrant: { ...warrant, rollbackTarget: { id: 'x', sha: 'e'.repeat(40) } },
      }),
      run,
    ],
    [
      'runs a program on the worker',
      'setTriggers',
      () => ({ target: { repository: '/tmp/evil' } }),
      run,
    ],
    [
      'publishes another commit',
      'publishCommit',
      () => ({
        ...step(),
        warrant: { ...warrant, deploy: { ...warrant.deploy, sha: 'e'.repeat(40) } },
        branch: 'main',
      }),
      run,
    ],
    [
      'reverts the branch with a forged plan',
      'revertMain',
      () => ({ plan: forged({ sha: 'e'.repeat(40) }).plan, rolledBackTo: null, cause: {} }),
      run,
    ],
    [
      'reverts to another release',
      'revertMain',
      () => ({ plan: sealed.plan, rolledBackTo: { id: 'x', sha: 'e'.repeat(40) }, cause: {} }),
      run,
    ],
    [
      'asks with other words',
      'askApprovers',
      () => ({ sealed: forged({ reason: 'fix a typo' }), reminder: false }),
      run,
    ],
    [
      'records a success that never was',
      'append',
      () => ({
        kind: 'closed',
        key: 'x',
        deployId: 'd-x',
        ...place,
        body: { outcome: 'succeeded' },
      }),
      run,
    ],
    [
      'records an approval',
      'append',
      () => ({ kind: 'approved', key: 'x', deployId: 'd-x', ...place, body: {}, warrant }),
      run,
    ],
    [
      'records a deploy of another place',
      'append',
      () => ({
        kind: 'released',
        key: 'x',
        deployId: warrant.deploy.deployId,
        project: 'shop',
        environment: 'production',
        body: {},
        warrant,
      }),
      run,
    ],
    [
      'signs a push of a place without deployOn',
      'signPush',
      () => ({ project: 'shop', environment: 'production', sha: 'e'.repeat(40) }),
      run,
    ],
    [
      'writes to another channel',
      'notify',
      () => ({ channel: 'C0STRANGER', deploy: warrant.deploy, text: 'click' }),
      run,
    ],
    [
      'probes any address',
      'probeDependencies',
      () => ({ dependencies: ['http://169.254.169.254/'] }),
      run,
    ],
    [
      'checks a plan of a stranger',
      'checkSecrets',
      () => ({ plan: { ...plan, seal: strangerSeals.seal('plan', { plan, runId: run }) } }),
      run,
    ],
    ['checks a plan of another run', 'checkPlatform', () => ({ plan: sealed.plan }), 'another-run'],
    ['seals a plan without its checks', 'sealPlan', () => ({ plan: sealed.plan, gates: [] }), run],
    [
      'seals a plan with invented checks',
      'sealPlan',
      () => ({
        plan: sealed.plan,
        gates: sealed.gates.map((gate) => ({ ...gate, reasons: ['fine'] })),
      }),
      run,
    ],
    [
      'stages with the warrant of an adoption in another run',
      'stageRelease',
      () => ({ ...step(), warrant: { ...warrant, purpose: 'adopt' } }),
      run,
    ],
  ])('%s: refused', async (_what, name, input, runId) => {
    if (name === 'notify') config.slack = { deployments: 'C1', incidents: 'C2' } as never;
    await expect(order(name, input(), runId)).rejects.toEqual(refusal);
    delete config.slack;
    expect(calls).toEqual([]);
  });

  test('a lost approval is no approval: the ledger decides, not the workflow', async () => {
    ledger.find = async () => null;
    await expect(order('switchRelease', step())).rejects.toThrow('no approval of this deploy');
    expect(calls).toEqual([]);
  });
});

describe('a plan that is only shown', () => {
  async function seal({ record, hold }: { record: boolean; hold: boolean }) {
    ({ order, calls } = await guardedWorker({ budget: wholePlan.budget }));
    const made = (await order('planDeploy', { record })) as Plan;
    const gates = await Promise.all(
      checksOf(made, { hold: record }).map(({ check, input }) =>
        order(check, check === 'checkBudget' ? { ...input, hold } : input),
      ),
    );
    return (await order('sealPlan', { plan: made, gates })) as SealedPlan;
  }

  test('starts no step, no approval and no rollback', async () => {
    const shown = await seal({ record: false, hold: false });
    expect(whyNotSealedBy(seals, shown, 'plan')).toBeNull();
    expect(whyNotSealedBy(seals, shown)).toBe('a worker sealed it for another purpose');
    const its = { ...step(), warrant: shown.plan.warrant };
    const inputs = { ruleOnDecision: { sealed: shown, signed: {}, earlier: [] } };
    calls.length = 0;
    for (const name of ['stageRelease', 'rollBackHost', 'verifyHost', 'ruleOnDecision'])
      await expect(order(name, own(inputs, name) ?? its)).rejects.toThrow(
        'its plan was made to be shown only',
      );
    expect(calls).toEqual([]);
  });

  test('reserves no cost, and a deploy is not sealed without its reserved cost', async () => {
    expect((await seal({ record: true, hold: true })).plan.warrant?.purpose).toBe('deploy');
    await expect(seal({ record: true, hold: false })).rejects.toThrow(
      'no worker has checked the gate budget of this plan',
    );
    await expect(seal({ record: false, hold: true })).rejects.toThrow(
      'a plan that is only shown reserves no cost',
    );
  });
});

describe('with everything that the workers ever sealed', () => {
  const evil = { platform: 'vercel', api: 'https://evil.example', token: 'env:GITHUB_TOKEN' };
  const rowOf: typeof worker.rowOf = (...row) => worker.rowOf(...row);
  const none = () => expect(calls.filter(({ name }) => name !== 'inspectHosts')).toEqual([]);

  test.each(['diagnose', 'closeIssues', 'recordDeployment', 'revertMain'])(
    'a sealed plan beside a forged plan does not help: %s',
    async (name) => {
      const both = { sealed, plan: { ...sealed.plan, target: evil }, cause: {} };
      await expect(order(name, both)).rejects.toEqual(refusal);
      none();
    },
  );

  test('approvers are not asked with other reports of the gates', async () => {
    const gates = sealed.gates.map((gate) => ({ ...gate, reasons: ['nothing to see'] }));
    const asked = { sealed: { ...sealed, gates }, reminder: false };
    await expect(order('askApprovers', asked)).rejects.toEqual(refusal);
    none();
    await order('askApprovers', { sealed, reminder: false });
  });

  test.each(['closed', 'approved', 'rolling-back', 'released', `ruling/${'0'.repeat(32)}`])(
    'an entry that anybody may write does not take the key of another entry: %s',
    async (name) => {
      const key = `${warrant.deploy.deployId}/${name}`;
      for (const kind of ['flag', 'request', 'drift', 'budget', 'incident-closed'])
        await expect(
          order('append', { ...rowOf(kind, { outcome: 'rolled-back' }, key), warrant: undefined }),
        ).rejects.toEqual(refusal);
      none();
    },
  );

  test('the first effect is recorded only by its approved deploy, with its own plan', async () => {
    await expect(order('append', worker.intent(), 'another-run')).rejects.toEqual(refusal);
    const other = { ...worker.intent().body, release: { id: 'x', sha: 'e'.repeat(40) } };
    await expect(order('append', rowOf('released', other))).rejects.toEqual(refusal);
    const noPlan = { ...worker.intent().body, plan: { ...sealed.plan, sha: 'e'.repeat(40) } };
    await expect(order('append', rowOf('released', noPlan))).rejects.toEqual(refusal);
    none();
    await order('append', worker.intent());
  });

  test('a lost deploy is not closed as untouched while hosts serve its release', async () => {
    await order('append', worker.intent());
    worker.world.execution = state('TERMINATED');
    worker.hostsServe(plan.sha);
    const aborted = rowOf('closed', { outcome: 'aborted' });
    await expect(order('append', aborted, 'another-run')).rejects.toThrow('changed production');
    worker.hostsServe(plan.rollbackTarget!.sha);
    await order('append', aborted, 'another-run');
  });

  test('a watch from before the first effect proves no success', async () => {
    await order('append', worker.intent());
    const evidence = { startedAt: Date.now() - 600_000, samples: [], smoke: { ok: true } };
    const row = { ...rowOf('closed', { outcome: 'succeeded' }), evidence };
    await expect(order('append', row)).rejects.toThrow('does not begin after the first effect');
  });

  test('a slow ledger does not let an ended deploy roll back', async () => {
    ledger.read = () => Promise.reject(new Error('the ledger is away'));
    for (const before of [state('COMPLETED'), null]) {
      worker.world.execution = before;
      await expect(order('rollBackHost', step(), 'another-run')).rejects.toThrow('waits for the');
    }
    none();
  });

  test('a deploy that nobody approved does not roll back', async () => {
    ledger.find = async () => null;
    await expect(order('rollBackHost', step(), 'another-run')).rejects.toThrow('nobody approved');
    none();
  });

  test('no request goes to the address of a version that no worker made', async () => {
    for (const name of ['smokeVersion', 'holdShare', 'smokeDeployment'])
      await expect(order(name, { ...step(), id: 'x.io/aaa' })).rejects.toThrow('not the build of');
    none();
  });

  test('no other run removes releases, and no pattern of a stranger runs on a host', async () => {
    const prune = { ...step(), keep: [] };
    await expect(order('pruneReleases', prune, 'another-run')).rejects.toEqual(refusal);
    await order('takeSamples', { ...step(), watch: { accessLog: '(a+)+$' }, earlier: [] }).catch(
      () => {},
    );
    expect(calls.map(({ input }) => input['watch'])).toEqual([{ accessLog: null }]);
  });

  test('a stolen adoption records no other release', async () => {
    const { seal: _, ...body } = {
      ...warrant,
      purpose: 'adopt' as const,
      digest: '',
      planHash: '',
    };
    const adoption = { ...body, seal: seals.seal('deploy', body) };
    const release = { id: 'x', sha: 'e'.repeat(40) };
    const row = (over: object, key = `request/${'1'.repeat(32)}`) => ({
      ...rowOf('adopted', { release: plan.release, sha: plan.sha, ...over }, key),
      warrant: adoption,
    });
    const takesKey = row({}, `${warrant.deploy.deployId}/closed`);
    for (const one of [row({ release }), row({ sha: release.sha }), takesKey])
      await expect(order('append', one)).rejects.toEqual(refusal);
    await expect(order('append', row({}), 'another-run')).rejects.toEqual(refusal);
    none();
    await order('append', row({}));
  });
});

describe('generated forged inputs', () => {
  const text = fc.string({ maxLength: 30 });
  const changedWarrant = () =>
    fc
      .tuple(fc.constantFrom(...Object.keys(warrant)), fc.oneof(text, fc.constant(null)))
      .filter(([field, value]) => (warrant as Record<string, unknown>)[field] !== value)
      .map(([field, value]) => ({ ...warrant, [field]: value }));
  const sealedByStranger = () => {
    const { seal: _, ...body } = warrant;
    return fc.constant({ ...body, seal: strangerSeals.seal('deploy', body) });
  };
  const otherKind = () => {
    const { seal: _, ...body } = warrant;
    return fc.constant({ ...body, seal: seals.seal('plan', body) });
  };
  const badWarrant = () =>
    fc.oneof(
      fc.constantFrom(undefined, null, {}, [], 'warrant'),
      changedWarrant(),
      sealedByStranger(),
      otherKind(),
    );
  const forgedPlan = () =>
    badWarrant().map((bad) => ({ ...sealed.plan, warrant: bad, seal: 'x.y' }));
  const forgedInput = () =>
    fc
      .record({
        warrant: badWarrant(),
        plan: forgedPlan(),
        gates: fc.constant(sealed.gates),
        kind: fc.constantFrom('closed', 'released', 'approved', 'started', 'ruling', 'lifted'),
        body: fc.constant({ outcome: 'succeeded' }),
        signed: fc.constantFrom([], null),
        id: text,
        buildId: text,
        made: text,
      })
      .map((input) => ({
        ...input,
        ...{ deploy: warrant.deploy, target, host, release: warrant.release, branch: 'main' },
        ...{ deployId: warrant.deploy.deployId, ...place, key: 'forged' },
        sealed: { ...sealed, plan: input.plan },
      }));

  test('none of 1,100 reaches an effect or a read of an address', async () => {
    const guardedNames = names.filter((name) => needsNoSeal[name] === undefined);
    let asked = 0;
    for (const name of guardedNames)
      await fc.assert(
        fc.asyncProperty(forgedInput(), async (input) => {
          asked += 1;
          await expect(order(name, input)).rejects.toEqual(refusal);
        }),
        { numRuns: Math.ceil(1100 / guardedNames.length) },
      );
    expect(asked).toBeGreaterThanOrEqual(1000);
    expect(calls).toEqual([]);
  });

  test('every exception is an activity', () => {
    expect(Object.keys(needsNoSeal).filter((name) => !names.includes(name as never))).toEqual([]);
  });
});

beforeAll(() => {
  expect(names.length).toBeGreaterThan(50);
});

test('a guarded effect is still an effect of its own name', () => {
  const effects = names.filter((name) => kinds[name] === 'effect');
  expect(effects.map((name) => effectName(worker.guarded[name] as object))).toEqual(effects);
});
