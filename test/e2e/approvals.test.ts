import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decisionOf } from '../../client/decision.ts';
import { signPayload } from '../../client/sign.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Entry } from '../../domain/activities.ts';
import { messages, namespaces } from '../../domain/messages.ts';
import type { Ruling, SealedPlan } from '../../domain/plan.ts';
import { judgeDefaults } from '../../domain/policy/judge/judge-defaults.ts';
import type { Decision } from '../../domain/schema.ts';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples } from '../../sandbox/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Person, Stack } from '../support/e2e.ts';
import { released, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const ships: ShipSpec[] = [
  { ...good, name: 'forged', hosts: 1 },
  // Whatever the file says, production is never automatic.
  { ...good, name: 'away', hosts: 1, environment: { approvers: 0 } },
];

/** What somebody in a hurry would try: none of it is read. */
const wishful = {
  CI: 'true',
  NODE_ENV: 'test',
  PLIMSOLL_AUTO_APPROVE: '1',
  PLIMSOLL_SKIP_APPROVAL: 'true',
  PLIMSOLL_SANDBOX: '1',
};

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ ships, workerEnv: wishful });
});
afterAll(() => stack?.close());

type Change = Partial<Decision>;

/** Built and sent with the plain Temporal client, as anybody with access to the namespace can. */
async function decision(sealed: SealedPlan, change: Change = {}, signer: Person = 'morgan') {
  const wanted = { verb: 'approve', approver: 'morgan', now: new Date() } as const;
  const payload = { ...decisionOf(sealed, wanted), ...change };
  const namespace = namespaces.approval;
  const keyPath = stack.fleet.keys[signer];
  return { decision: payload, signature: await signPayload({ payload, keyPath, namespace }) };
}

const send = (signed: unknown) => stack.handle('forged').signal(messages.decide, signed);

const ruled = (count: number) =>
  eventually(`${count} rulings`, async () => {
    const { rulings } = await stack.status('forged');
    return rulings.length >= count ? rulings : null;
  });

let refused: Ruling[] = [];

test('forged approvals sent with the plain client are refused, each with its reason', async () => {
  await stack.deploy('forged');
  const { sealed } = await stack.reached('forged', 'approval');
  if (!sealed) throw new Error('nothing was sealed');
  const genuine = await decision(sealed);
  const otherSha = stack.fleet.ships[0]?.oldSha ?? '';
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
    expect.stringMatching(/^void: it is not a signed decision: /),
    expect.stringMatching(/^void: the signature is not morgan's: /),
    expect.stringMatching(/^void: the signature is not morgan's: /),
    `void: it is for commit ${otherSha.slice(0, 12)}, not ${sealed.plan.sha.slice(0, 12)}`,
    expect.stringMatching(/^void: it is for another plan \(digest /),
    'void: casey is an agent: it may request, never approve',
    `void: it is for another deploy (d-000000000000); this one is ${sealed.plan.deployId}`,
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

test('a second deploy of the same commit is told who, since when, and how to watch or end it', async () => {
  const before = await stack.handle('forged').describe();
  const second = await stack.cli(['deploy', 'forged', environment, ...stack.as('morgan')]);
  expect(second).toMatchObject({ code: 4, stdout: '' });
  const started = before.startTime.toISOString();
  expect(second.stderr.split('\n').filter(Boolean)).toEqual([
    expect.stringMatching(
      new RegExp(`^forged production is being deployed already, by casey .*, since .*${started}`),
    ),
    `Yours was not started: ${stack.fleet.ships[0]?.newSha.slice(0, 7)} is what waits there already.`,
    'Watch it:      npx --no plimsoll watch forged production',
    'End it:        npx --no plimsoll abort forged production',
  ]);
  expect((await stack.handle('forged').describe()).runId).toBe(before.runId);
});

test('the genuine approval counts after all of them', async () => {
  const { sealed } = await stack.status('forged');
  if (!sealed) throw new Error('nothing was sealed');
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
    reasons: ['production always needs a human; "approvers: 0" is not heeded here'],
  });
  await stack.workers.kill();
  const stored = await stack.cli(['approve', 'away', environment, ...stack.as('morgan')]);
  expect(stored).toMatchObject({
    code: 8,
    stdout:
      'Sent and kept by Temporal; no worker has ruled on it yet. It will count when one is back.\n' +
      'See the ruling:  npx --no plimsoll status away production\n',
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
        message: expect.stringMatching(/^The request is not signed by casey: /),
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
  expect(plan.watch).toMatchObject({ plannedLooks: 180, onAsk: 'keep' });
  expect(plan.rule).toMatchObject({ required: 1, solo: 'off' });
});

test('what was approved is there, once', async () => {
  for (const project of ['forged', 'away']) {
    expect(await stack.effectsOf(project)).toEqual(released(`${project}-1`));
    expect(await stack.truthOf(project)).toEqual({ served: ['new new new'], main: 'new' });
  }
});
