import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decisionOf } from '../../client/session/decision.ts';
import { signPayload } from '../../client/sign/sign.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import { messages, namespaces } from '../../domain/deploy/wire.ts';
import type { Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import { judgeDefaults } from '../../domain/watch/judge/judge-defaults.ts';
import type { Decision } from '../../domain/config/config.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Person, Stack } from '../support/e2e.ts';
import { released, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'forged', hosts: 1 },
  // Production always needs an approval, even if the file asks for none.
  { ...good, name: 'away', hosts: 1, environment: { approvers: 0 } },
];

/**
 * Environment variables with which people might try to skip the approval. Plimsoll reads none of
 * these variables.
 */
const wishful = {
  CI: 'true',
  NODE_ENV: 'test',
  PLIMSOLL_AUTO_APPROVE: '1',
  PLIMSOLL_SKIP_APPROVAL: 'true',
  PLIMSOLL_SANDBOX: '1',
};

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects, workerEnv: wishful });
});
afterAll(() => stack?.close());

type Change = Partial<Decision>;

/**
 * Makes a signed decision without the CLI. Anybody with access to the Temporal namespace can send
 * it.
 */
async function decision(sealed: SealedPlan, change: Change = {}, signer: Person = 'morgan') {
  const wanted = { verb: 'approve', approver: 'morgan', now: new Date() } as const;
  const payload = { ...decisionOf(sealed, wanted), ...change };
  const namespace = namespaces.approval;
  const keyPath = stack.fleet.keys[signer];
  return { decision: payload, signature: await signPayload({ payload, keyPath, namespace }) };
}

const send = (signed: unknown) => stack.handle('forged').signal(messages.decide, signed);

const ruled = (count: number) =>
  eventually(`the status shows ${count} rulings`, async () => {
    const { rulings } = await stack.status('forged');
    return rulings.length >= count ? rulings : null;
  });

let refused: Ruling[] = [];

test('forged approvals sent with the plain client are refused, each with its reason', async () => {
  await stack.deploy('forged');
  const { sealed } = await stack.reached('forged', 'approval');
  if (!sealed) throw new Error('the deploy has no sealed plan');
  const genuine = await decision(sealed);
  const otherSha = stack.fleet.fleetProjects[0]?.oldSha ?? '';
  const forgeries: unknown[] = [
    'approved',
    { ...genuine, signature: '' },
    await decision(sealed, {}, 'robin'),
    await decision(sealed, { sha: otherSha }),
    await decision(sealed, { subjectDigest: randomBytes(32).toString('hex') }),
    await decision(sealed, { approver: 'casey' }, 'casey'),
    await decision(sealed, { deployId: 'd-000000000000' }),
    { ...genuine, decision: { ...genuine.decision, nonce: randomBytes(16).toString('hex') } },
  ];
  for (const forgery of forgeries) await send(forgery);
  refused = await ruled(forgeries.length);
  expect(refused.map(({ verdict, why }) => `${verdict}: ${why}`)).toEqual([
    expect.stringMatching(/^void: it is not a signed decision, because /),
    expect.stringMatching(/^void: the signature is not morgan's: /),
    expect.stringMatching(/^void: the signature is not morgan's: /),
    `void: the decision is for commit ${otherSha.slice(0, 12)}, not for ${sealed.plan.sha.slice(0, 12)}`,
    expect.stringMatching(/^void: the decision is for the plan with digest /),
    'void: casey is an agent: it may request deploys, but never approve',
    `void: the decision is for the deploy d-000000000000, not for ${sealed.plan.deployId}`,
    expect.stringMatching(/^void: the signature is not morgan's: /),
  ]);
  expect(await stack.status('forged')).toMatchObject({ phase: 'approval', outcome: null });
  expect(await stack.effectsOf('forged')).toEqual(untouched);
  expect(await stack.truthOf('forged')).toEqual({ served: ['old old old'], main: 'new' });
});

test('they are shown by status and recorded in the ledger', async () => {
  const seen = await stack.cli(['status', 'forged', environment, '--json']);
  expect(seen.code).toBe(8);
  expect(JSON.parse(seen.stdout).status.rulings).toEqual(refused);
  const history = await stack.cli(['history', 'forged', environment, '--json']);
  const rulings = (JSON.parse(history.stdout) as Entry[]).filter(({ kind }) => kind === 'ruling');
  expect(rulings.toReversed().map(({ body }) => body['ruling'])).toEqual(refused);
});

test('a second deploy of the same commit reports the owner, the start time, and how to watch or end it', async () => {
  const before = await stack.handle('forged').describe();
  const second = await stack.cli(['deploy', 'forged', environment, ...stack.as('morgan')]);
  expect(second).toMatchObject({ code: 4, stdout: '' });
  const started = before.startTime.toISOString();
  expect(second.stderr.split('\n').filter(Boolean)).toEqual([
    expect.stringMatching(
      new RegExp(`^forged production is already being deployed, by casey .*, since .*${started}`),
    ),
    `Your deploy was not started: a deploy of ${stack.fleet.fleetProjects[0]?.newSha.slice(0, 7)} ` +
      'already waits.',
    'Watch it:      plimsoll watch forged production',
    'End it:        plimsoll abort forged production',
  ]);
  expect((await stack.handle('forged').describe()).runId).toBe(before.runId);
});

test('the genuine approval counts after all of them', async () => {
  const { sealed } = await stack.status('forged');
  if (!sealed) throw new Error('the deploy has no sealed plan');
  const genuine = await decision(sealed);
  await send(genuine);
  const [ruling] = (await ruled(refused.length + 1)).slice(refused.length);
  expect(ruling).toMatchObject({ verdict: 'counted', approver: 'morgan' });
  await stack.reached('forged', 'watch');
});

test('a signed approval that comes while every worker is down is stored, and counts later', async () => {
  await stack.deploy('away');
  const { sealed } = await stack.reached('away', 'approval');
  expect(sealed?.plan.rule).toMatchObject({
    required: 1,
    reasons: ['production always needs a human; "approvers: 0" has no effect here'],
  });
  await stack.workers.kill();
  const stored = await stack.cli(['approve', 'away', environment, ...stack.as('morgan'), '--yes']);
  expect(stored).toMatchObject({
    code: 8,
    stdout:
      'Temporal has stored the decision, but no worker has ruled on it yet. A worker rules on it as ' +
      'soon as a worker runs again.\n' +
      'See the ruling:  plimsoll status away production\n',
  });
  expect(await stack.effectsOf('away')).toEqual(untouched);
  await stack.workers.start();
  const now = await stack.reached('away', 'watch');
  expect(now.rulings).toMatchObject([{ verdict: 'counted', approver: 'morgan' }]);
});

test('a deploy that was never signed is refused, whoever starts it', async () => {
  const { taskQueue } = await stack.handle('forged').describe();
  const request = {
    ...{ project: 'away', environment, ref: 'main', requestedBy: 'casey', reason: 'mine' },
    ...{ priority: 'P0', nonce: randomBytes(16).toString('hex') },
    requestedAt: new Date().toISOString(),
  };
  const signature = await signPayload({
    payload: request,
    keyPath: stack.fleet.keys.robin,
    namespace: namespaces.request,
  });
  const workflowId = 'deploy/away/elsewhere';
  const args = [{ request, signature }];
  const start = { workflowId, taskQueue, args };
  await expect(stack.client.workflow.execute(messages.deploy, start)).rejects.toMatchObject({
    cause: {
      cause: {
        message: expect.stringMatching(/^The signature of the request is not casey's: /),
        type: 'Refused',
      },
    },
  });
});

test.each(['--yes', '--force', '--skip-approval', '--auto-approve', '--no-gates', '--sandbox'])(
  'there is no deploy %s',
  async (option) => {
    const args = ['deploy', 'away', environment, option, ...stack.as('casey')];
    const answer = await stack.cli(args, wishful);
    expect(answer.code).toBe(2);
    expect(answer.stderr).toMatch(`error: unknown option '${option}'`);
  },
);

test('a sandbox is judged by the constants of production', async () => {
  const answer = await stack.cli(['plan', 'forged', environment, '--json', ...stack.as('casey')]);
  const { plan } = JSON.parse(answer.stdout) as SealedPlan;
  expect(plan.timing.scale).toBe(60);
  expect(canonicalJson(plan.watch.judge)).toBe(canonicalJson(judgeDefaults));
  expect(plan.watch).toMatchObject({ plannedSamples: 180, onInconclusive: 'keep' });
  expect(plan.rule).toMatchObject({ required: 1, solo: 'off' });
});

test('what was approved is there, once', async () => {
  for (const project of ['forged', 'away']) {
    expect(await stack.effectsOf(project)).toEqual(released(`${project}-1`));
    expect(await stack.truthOf(project)).toEqual({ served: ['new new new'], main: 'new' });
  }
});
