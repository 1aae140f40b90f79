import { MockActivityEnvironment } from '../../../support/activity-environment.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { project, vercelFixture } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import type { VercelFixture } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { failureOf, failureText } from './failure-text.ts';

let fixture: VercelFixture;
beforeAll(async () => {
  const targets = ['production', 'preview'] as const;
  const variable = { key: 'DATABASE_URL', value: 'postgres://u:p@db', target: [...targets] };
  fixture = await vercelFixture({
    project: { variables: [variable] },
    shared: [{ key: 'SENTRY_DSN', value: 'https://k@sentry', target: ['production'] }],
  });
});
afterAll(() => fixture.close());

describe('who may ask', () => {
  test('an unknown token: which variable, and where a new one is made', async () => {
    const stranger = fixture.clientOf({ token: 'vcp_wrong' });
    expect(await failureText(stranger.project(project))).toEqual({
      type: 'Misconfigured',
      nonRetryable: true,
      lines: [
        'Vercel refused the request for the project barber-crm, because it does not know the token in VERCEL_TOKEN (403).',
        "Make a new token in Vercel's account settings, set VERCEL_TOKEN where the worker is started, and start the worker again.",
      ],
    });
  });

  test('a team that the token may not see, or a token that may only read', async () => {
    const elsewhere = fixture.clientOf({ team: 'team_other' });
    expect((await failureText(elsewhere.project(project))).lines).toEqual([
      'Vercel refused the request for the project barber-crm, because the token in VERCEL_TOKEN has no permission (403).',
      'Vercel\'s reason: forbidden: Not authorized: Trying to access resource under scope "team_other". You must re-authenticate to this scope or use a token with access to this scope.',
      'Give the token access to the team team_other, or correct "team" in plimsoll.yaml. If the team requires a login by SAML, log in to the team first, then make a new token for VERCEL_TOKEN.',
    ]);
    fixture.vercel.setRole('viewer');
    const promote = fixture.client.promote({ ...fixture.where, id: fixture.live });
    expect((await failureText(promote)).lines[0]).toBe(
      `Vercel refused the request for promoting ${fixture.live} in barber-crm, because the token in VERCEL_TOKEN has no permission (403).`,
    );
    fixture.vercel.setRole('member');
  });

  test('a project that is not there, with and without a team', async () => {
    expect(await failureText(fixture.client.project('barbershop'))).toEqual({
      type: 'Misconfigured',
      nonRetryable: true,
      lines: [
        'Vercel could not answer the request for the project barbershop (404).',
        'Plimsoll searched in the team team_acme. Check "project" (barbershop) and "team" in ' +
          'plimsoll.yaml, and that the token in VERCEL_TOKEN may see them.',
      ],
    });
    const alone = fixture.clientOf({ team: undefined });
    expect((await failureText(alone.project(project))).lines[1]).toContain(
      "the token's own account",
    );
  });

  test('a team may be named by its slug', async () => {
    const bySlug = fixture.clientOf({ team: 'acme' });
    expect((await bySlug.project(project)).id).toBe(fixture.where.projectId);
  });
});

describe('what is read', () => {
  test('a project: what is live, how it goes live, its repository, its plan', async () => {
    const domain = fixture.vercel.origins(project)[0]?.slice('http://'.length);
    const generated = new URL(fixture.vercel.generated(project)).host;
    expect(await fixture.client.project(project)).toEqual({
      id: fixture.where.projectId,
      name: project,
      account: 'team_acme',
      assignsDomains: false,
      live: { id: fixture.live, aliases: [generated, domain], generated: [generated] },
      plan: 'pro',
      lastMove: null,
      rollbackNote: null,
      rolling: false,
      usesLfs: false,
      paused: false,
      rights: { promote: true, rollBack: true, settings: true, build: true, alias: true },
      link: { type: 'github', repository: 'acme/barber-crm', repoId: 100_000, branch: 'main' },
    });
  });

  test('a deployment: its own address, its commit, and none where it is gone', async () => {
    const found = await fixture.client.deployment({ project, id: fixture.live });
    expect(found).toMatchObject({
      id: fixture.live,
      state: 'READY',
      substate: 'PROMOTED',
      production: true,
      built: fixture.first,
      commit: fixture.first,
      dirty: false,
      releaseId: null,
      problem: null,
      plan: 'pro',
    });
    expect(found?.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await fixture.client.deployment({ project, id: 'dpl_gone' })).toBeNull();
  });

  test('names of variables with their targets, and nothing of a value', async () => {
    const own = await fixture.client.variables(project);
    const { id } = await fixture.client.project(project);
    const shared = await fixture.client.sharedVariables({ id, name: project });
    expect([own, shared]).toEqual([
      [{ name: 'DATABASE_URL', targets: ['production', 'preview'], branch: null }],
      [{ name: 'SENTRY_DSN', targets: ['production'], branch: null }],
    ]);
  });

  test('every page of the shared variables', async () => {
    const shared = Array.from({ length: 45 }, (_, n) => ({
      key: `SHARED_${n}`,
      value: 'x',
      target: ['production' as const],
    }));
    const own = await vercelFixture({ shared });
    const { id } = await own.client.project(project);
    const found = await own.client.sharedVariables({ id, name: project });
    await own.close();
    expect(found).toHaveLength(45);
  });

  test('every page of a list', async () => {
    const own = await vercelFixture();
    own.vercel.hold(project, 'builds');
    const again = { ...own.where, from: { deployment: own.live } };
    for (let n = 0; n < 101; n += 1)
      await own.client.createDeployment({ ...again, releaseId: `r${n}` });
    const found = await own.client.deployments({ ...own.where, sha: own.first });
    await own.close();
    const newestFirst = Array.from({ length: 101 }, (_, n) => `r${100 - n}`);
    expect(found.map(({ releaseId }) => releaseId)).toEqual([...newestFirst, null]);
  });
});

describe('signals', () => {
  test('the runtime log counts what the release itself wrote and answered', async () => {
    const { push, ended, client, where, vercel, moved } = fixture;
    const { id } = await push(samples.failsLater(0));
    await ended(id);
    await client.promote({ ...where, id });
    await moved();
    const end = new AbortController();
    let newest: { rows: number; errors: number } | undefined;
    const look = { ...where, id, since: Date.now() };
    const reading = client.runtimeLog(look, end.signal, (counts) => (newest = counts));
    const [origin = ''] = vercel.origins(project);
    const listening = async () => vercel.listening(project);
    await fixture.until(listening, (listeners) => listeners === 1);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect((await fetch(`${origin}/pay`)).status).toBe(500);
    // Waits for the rows of both requests, and for both log lines of the second request.
    await fixture.until(
      async () => newest,
      (counts) => (counts?.rows ?? 0) >= 6,
    );
    end.abort();
    const counts = await reading;
    expect(counts).toMatchObject({ errors: 2, unreadable: 0, whole: true });
    expect(counts.serverErrors).toBeGreaterThanOrEqual(1);
    expect(counts.bad).toBeLessThan(counts.rows);
    expect(await fixture.until(listening, (listeners) => listeners === 0)).toBe(0);
  });

  test('a runtime log that breaks off is not whole, and one that never comes is a failure', async () => {
    const { client, where, vercel, live } = fixture;
    const look = { ...where, id: live, since: Date.now() };
    const reading = client.runtimeLog(look, new AbortController().signal);
    await fixture.until(
      async () => vercel.listening(project),
      (listeners) => listeners === 1,
    );
    vercel.endLogs(project);
    expect(await reading).toMatchObject({ rows: 0, whole: false });
    fixture.arm('hold', '/runtime-logs');
    const early = client.runtimeLog(look, AbortSignal.timeout(50));
    expect((await failureText(early)).lines).toEqual([
      `Vercel did not answer the request for the runtime log of ${live} of barber-crm (not in time).`,
    ]);
    fixture.board.clear();
  });

  test('requests by status, over the production domain; none without the plan for it', async () => {
    const { client, where, vercel } = fixture;
    const from = new Date();
    const [origin = ''] = vercel.origins(project);
    for (const path of ['/healthz', '/nothing', '/pay']) await fetch(`${origin}${path}`);
    const window = { ...where, account: 'team_acme', from, to: new Date(Date.now() + 1000) };
    expect(await client.metrics(window)).toMatchObject({ total: { all: 3, failed: 1 } });
    vercel.setMetrics('not in plan');
    expect(await client.metrics(window)).toEqual({
      refused: 402,
      reason:
        'PAYMENT_REQUIRED: This feature requires an Observability Plus subscription. Upgrade at https://vercel.com/dashboard/settings/billing',
    });
    vercel.setMetrics('on');
  });
});

describe('what goes wrong on the way', () => {
  afterEach(() => fixture.board.clear());
  const read = () => fixture.client.project(project);
  const act = () => fixture.client.setAutoAssign(project, false);

  test('429: again when the window ends, for reads and acts', async () => {
    fixture.arm('429', '/v9/projects', 2);
    for (const call of [read, act]) {
      const cause = await failureOf(call());
      expect(cause).toMatchObject({ type: 'Unavailable', nonRetryable: false });
      expect(cause.nextRetryDelay).toBeGreaterThan(0);
      expect(cause.nextRetryDelay).toBeLessThanOrEqual(3000);
    }
  });

  test.each([
    ['500-before', 'HTTP 500'],
    ['500-after', 'HTTP 500'],
    ['drop-before', 'no connection'],
    ['drop-after', 'no connection'],
  ] as const)('%s: a read is tried again, an act may have happened', async (kind, why) => {
    fixture.arm(kind, '/v9/projects', 2);
    expect(await failureText(read())).toEqual({
      type: 'Unavailable',
      nonRetryable: false,
      lines: [`Vercel did not answer the request for the project barber-crm (${why}).`],
    });
    expect(await failureText(act())).toEqual({
      type: 'UnknownOutcome',
      nonRetryable: false,
      lines: [
        `Vercel did not answer the request for turning the assignment of production domains off in barber-crm (${why}).`,
      ],
    });
  });

  test('no answer in time', async () => {
    fixture.arm('slow', '/v9/projects');
    const hasty = fixture.clientOf({ timeoutMs: 30 });
    expect((await failureText(hasty.project(project))).lines).toEqual([
      'Vercel did not answer the request for the project barber-crm (not in time).',
    ]);
  });

  test('the cancel of the activity is thrown as itself', async () => {
    fixture.arm('hold', '/v9/projects');
    const environment = new MockActivityEnvironment();
    const reading = environment.run(() => fixture.client.project(project));
    await fixture.until(
      async () => fixture.board.holding,
      (holding) => holding === 1,
    );
    environment.cancel('CANCELLED');
    expect((await failureOf(reading)).name).toBe('CancelledFailure');
  });

  test('a refusal is reported with Vercel’s own reason', async () => {
    const { client, where } = fixture;
    const from = { repoId: 1, ref: 'main', sha: fixture.first };
    expect(await failureText(client.createDeployment({ ...where, releaseId: 'r', from }))).toEqual({
      type: 'RejectedByPlatform',
      nonRetryable: true,
      lines: [
        'Vercel refused the request for a new deployment of barber-crm (400).',
        "Vercel's reason: bad_request: Either `deploymentId` or a `gitSource` of the project is needed.",
        "Check the project barber-crm in Vercel's dashboard, then deploy again.",
      ],
    });
  });
});
