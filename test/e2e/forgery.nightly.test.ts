import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import { deployId, messages, namespaces } from '../../domain/deploy/wire.ts';
import type { DeployReport, Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import type { SignedDecision, SignedRequest } from '../../domain/config/config.ts';
import { gitEnvironment } from '../../sandbox/git-host/git-host-repositories.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { attacks, malformed, whyOf } from '../support/attacks.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { makeKeys, nonce, peopleOf, publicKey, signed, signText } from '../support/forgery.ts';
import type { Place, Who, World } from '../support/forgery.ts';
import { everyForm } from '../support/try-attack.ts';
import { untouched } from '../support/witness.ts';

const keys = makeKeys();
const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const as = (name: string, key: Who) => ['--as', name, '--key', keys[key]];
const place = ['forged', environment];

let stack: Stack;
let world: World;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects: [{ ...good, name: 'forged', hosts: 1 }],
    // The question stays open for twelve minutes, which is enough on a busy machine.
    timeScale: 10,
    edit: (config) => {
      Object.assign(config, peopleOf(keys));
      const publicLine = publicKey(keys.bridge);
      const bridge = { team: 'T0SANDBOX', key: keys.bridge, publicKey: publicLine };
      config.slack.approvals = { ...bridge, appToken: 'env:SLACK_APP_TOKEN' };
    },
  });
  await writtenTogether();
  const started = await stack.cli(['deploy', ...place, '--detach', ...as('morgan', 'morgan')]);
  expect(started).toMatchObject({ code: 0 });
  const { sealed } = await stack.reached('forged', 'approval');
  world = { sealed: sealed as SealedPlan, keys };
});
afterAll(() => stack?.close());

/**
 * Adds a commit by robin, kim, lee and morgan. The plimsoll.yaml of this commit makes mallory an
 * approver.
 */
async function writtenTogether() {
  const { sandbox } = stack.fleet;
  const repository = 'acme/forged';
  const mallory = { keys: [publicKey(keys.mallory)], emails: ['mallory@example.com'] };
  const files = { 'plimsoll.yaml': stringify({ approvers: { mallory } }) };
  const parent = await sandbox.git.repositories.commit(repository, { files, message: 'Edit' });
  const of = (role: string, name: string) => ({
    [`GIT_${role}_NAME`]: name,
    [`GIT_${role}_EMAIL`]: `${name}@example.com`,
  });
  const cwd = sandbox.git.repositories.path(repository);
  const env = { ...gitEnvironment(), ...of('AUTHOR', 'robin'), ...of('COMMITTER', 'kim') };
  const together = ['lee', 'morgan'].map((name) => `Co-authored-by: ${name} <${name}@example.com>`);
  const message = `Edit the approvers\n\n${together.join('\n')}`;
  const before = (
    await sandbox.git.repositories.git(repository, ['rev-parse', `${parent}^`])
  ).trim();
  const args = ['commit-tree', `${parent}^{tree}`, '-p', before, '-m', message];
  const { stdout: sha } = await execa('git', args, { cwd, env, extendEnv: false });
  await sandbox.git.repositories.git(repository, ['update-ref', 'refs/heads/main', sha]);
  const run = { name: 'ci', status: 'completed', conclusion: 'success' } as const;
  sandbox.github.setCheckRun(repository, sha, run);
}

const send = (message: unknown) => stack.handle('forged').signal(messages.decide, message);
const rulings = async () => (await stack.status('forged')).rulings;
const ruled = (count: number) =>
  eventually(`${count} rulings`, async () => {
    const all = await rulings();
    return all.length >= count ? all : null;
  });
const said = ({ verdict, why }: Ruling) => `${verdict}: ${why}`;
const recorded = async () => {
  const { stdout } = await stack.cli(['history', ...place, '--limit', '200', '--json']);
  const entries = (JSON.parse(stdout) as Entry[]).filter(({ kind }) => kind === 'ruling');
  return entries.toReversed().map(({ body }) => body['ruling'] as Ruling);
};
const nothingHappened = async () => {
  expect(await stack.status('forged')).toMatchObject({ phase: 'approval', outcome: null });
  expect(await stack.effectsOf('forged')).toEqual(untouched);
};

test('nobody of those who wrote or requested it may approve it alone', () => {
  const { rule } = world.sealed.plan;
  expect(rule).toMatchObject({
    required: 1,
    eligible: ['nina', 'olga', 'pete', 'quin'],
    notAlone: [['kim', 'lee', 'morgan', 'robin']],
  });
});

/**
 * Returns true if an attack needs another plan. test/activities/approval/forgery.test.ts tests
 * these attacks, and the attacks that need an earlier run.
 */
const isElsewhere = (other: Place = {}) => Object.keys(other).some((key) => key !== 'writtenBy');
const possible = attacks.filter(({ place: other, before }) => !before && !isElsewhere(other));

test(`${possible.length} attacks by the plain client: none counts, each with its reason, all in the ledger`, async () => {
  expect(possible.length).toBeGreaterThanOrEqual(25);
  const tried = [
    ...everyForm(possible),
    ...malformed.map((form) => ({ attack: { why: '' }, form })),
  ];
  for (const { form } of tried) await send(form.send(world));
  const all = await ruled(tried.length);
  const why = tried.map(({ attack, form }) => `void: ${whyOf(attack, form, world)}`);
  expect(all.map(said)).toEqual(why);
  expect(await recorded()).toEqual(all);
  await nothingHappened();
});

test.each<[string, string[], number, string]>([
  [
    "nina's name with another key",
    ['approve', ...place, ...as('nina', 'robin'), '--yes'],
    4,
    "The decision does not count: the signature is not nina's: it was made with a key that is not configured for this person. The ledger records it, and nothing changed.\n" +
      'See who may approve:  plimsoll status forged production\n',
  ],
  [
    'an agent',
    ['approve', ...place, ...as('casey', 'casey'), '--yes'],
    4,
    'The decision does not count: casey is an agent: it may request deploys, but never approve. The ledger records it, and nothing changed.\n' +
      'See who may approve:  plimsoll status forged production\n',
  ],
  [
    'the requester',
    ['approve', ...place, ...as('morgan', 'morgan'), '--yes'],
    4,
    'The decision does not count: morgan requested this deploy and cannot be its only approver; ask nina ' +
      'or olga or pete or quin. The ledger records it, and nothing changed.\n' +
      'See who may approve:  plimsoll status forged production\n',
  ],
  [
    'a keep before it is live',
    ['keep', ...place, ...as('nina', 'nina'), '--yes'],
    4,
    'The release of forged production is not live yet. It waits for an approval. Nothing was signed.\n' +
      'See the deploy, then sign:  plimsoll approve forged production\n',
  ],
])('by the command line: %s', async (_, args, code, stderr) => {
  const answer = await stack.cli(args);
  expect(answer).toMatchObject({ code, stdout: '' });
  expect(answer.stderr.slice(-stderr.length)).toBe(stderr);
  await nothingHappened();
});

test('an update, and a signal of another name, decide nothing', async () => {
  const before = (await rulings()).length;
  const { client } = stack;
  const handle = client.workflow.getHandle(deployId('forged', environment));
  const update = handle.executeUpdate(messages.decide, { args: [signed(world)] });
  await expect(update).rejects.toMatchObject({ name: 'WorkflowUpdateFailedError' });
  await handle.signal('approve', signed(world));
  await handle.signal('__proto__', signed(world));
  expect((await rulings()).length).toBe(before);
  await nothingHappened();
});

/**
 * Starts a workflow with the same plan in its memo, but with another id. No worker runs this
 * workflow.
 */
async function lookAlike(sealed: SealedPlan) {
  const workflowId = deployId('forged', 'elsewhere');
  const options = { workflowId, taskQueue: 'nobody', args: [], memo: { plan: sealed } };
  return await stack.client.workflow.start('deploy', options);
}

test('a memo that was tampered with is not signed', async () => {
  const { plan, digest } = world.sealed;
  const tampered = { ...plan, environment: 'elsewhere', commits: [] };
  const fake = await lookAlike({ ...world.sealed, plan: tampered });
  const answer = await stack.cli([
    'approve',
    'forged',
    'elsewhere',
    ...as('nina', 'nina'),
    '--yes',
  ]);
  await fake.terminate();
  expect(answer).toMatchObject({ code: 4, stdout: '' });
  expect(answer.stderr).toBe(
    `The plan of forged elsewhere does not match its digest ${digest.slice(0, 8)}: somebody ` +
      'changed it, or another version of Plimsoll wrote it. Nothing was signed.\n' +
      'End the deploy, then deploy again:  plimsoll abort forged elsewhere\n',
  );
});

async function requestBy(name: string, key: Who, namespace: string = namespaces.request) {
  const request = {
    ...{ project: 'forged', environment, ref: 'main', requestedBy: name, reason: 'mine' },
    ...{ priority: 'P0' as const, nonce: nonce(), requestedAt: new Date().toISOString() },
  };
  return { request, signature: signText(canonicalJson(request), keys[key], namespace) };
}

async function start(request: SignedRequest, as = 'again') {
  const { taskQueue } = await stack.handle('forged').describe();
  const workflowId = deployId('forged', as);
  const started = stack.client.workflow.execute(messages.deploy, {
    ...{ workflowId, taskQueue, args: [request] },
  });
  return await started.then(
    () => 'it ran',
    ({ cause }: { cause?: { cause?: Error } }) => cause?.cause?.message,
  );
}

test('a request under another name starts nothing', async () => {
  expect(await start(await requestBy('nina', 'mallory'))).toBe(
    "The signature of the request is not nina's: it was made with a key that is not configured for this person.\n" +
      'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
  );
  expect(await start(await requestBy('olga', 'lost'))).toMatch(
    /^The signature of the request is not olga's: its key SHA256:\S+ is revoked\.\n/,
  );
  expect(await start(await requestBy('casey', 'casey', namespaces.approval))).toBe(
    'The signature of the request is not casey\'s: it was made for "plimsoll-approval@v1", not for "plimsoll-request@v1".\n' +
      'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
  );
});

let genuine: SignedDecision;

test('the genuine approval counts after all of them, its copies do not', async () => {
  const printed = await stack.cli(['approve', ...place, '--print', ...as('nina', 'nina'), '--yes']);
  genuine = JSON.parse(printed.stdout) as SignedDecision;
  const before = (await rulings()).length;
  await Promise.all([send(genuine), send(genuine), send(genuine)]);
  await stack.reached('forged', 'watch');
  await send(signed(world));
  await send(signed(world, { decision: 'reject' }));
  await stack.handle('forged').signal(messages.rollback);
  expect(await stack.report('forged')).toMatchObject({ outcome: 'rolled-back', touched: true });
  const replay =
    `it is a replay: the decision with nonce ${genuine.decision.nonce.slice(0, 8)} was ` +
    'already judged';
  const after = (await rulings()).slice(before);
  expect(after.map(said)).toEqual([
    'counted: nina says yes (ssh-ed25519)',
    `void: ${replay}`,
    `void: ${replay}`,
    'void: nina has approved already',
    'void: the decision came after the question was closed',
  ]);
  expect((await recorded()).slice(before)).toEqual(after);
});

type Event = { eventId?: unknown; workflowExecutionSignaledEventAttributes?: object | null };

/**
 * Resets the deploy to the moment before the first decision. Temporal does not repeat the signals
 * that came after that moment.
 */
async function reset() {
  const { workflowService: service } = stack.client;
  const { workflowId, runId } = await stack.handle('forged').describe();
  const { events } = await stack.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const all = (events ?? []) as Event[];
  const first = all.findIndex((event) => event.workflowExecutionSignaledEventAttributes);
  const point = all
    .slice(0, first)
    .findLast(
      (event) =>
        'workflowTaskCompletedEventAttributes' in event &&
        event.workflowTaskCompletedEventAttributes,
    );
  await service.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: point?.eventId as never,
    requestId: randomUUID(),
    reason: 'once more',
    resetReapplyExcludeTypes: [1],
  });
  return runId;
}

test('a reset brings nothing back: neither the old approval nor a fresh one ships it again', async () => {
  const effects = await stack.effectsOf('forged');
  const before = await reset();
  await eventually('the reset starts a new run', async () => {
    const { runId } = await stack.handle('forged').describe();
    return runId !== before;
  });
  await stack.reached('forged', 'approval');
  await send(genuine);
  const [replay] = await ruled(1);
  expect(replay && said(replay)).toBe(
    `void: it is a replay: the decision with nonce ${genuine.decision.nonce.slice(0, 8)} was ` +
      'already judged',
  );
  await send(signed(world));
  const report = (await stack.handle('forged').result()) as DeployReport;
  const { sha } = world.sealed.plan;
  expect(report).toMatchObject({
    outcome: 'aborted',
    touched: false,
    reasons: [
      `forged production ${sha.slice(0, 7)} is not approved any more: the deploy has ended (rolled-back), and an approval allows one deploy only.\n` +
        'Nothing was touched. Ask again: plimsoll deploy forged production --ref main',
    ],
  });
  expect(await stack.effectsOf('forged')).toEqual(effects);
});

test('in a new run neither the request nor the approval of the old one counts', async () => {
  const old = await stack.client.workflow.getHandle(deployId('forged', environment)).fetchHistory();
  const effects = await stack.effectsOf('forged');
  const started = old.events?.[0]?.workflowExecutionStartedEventAttributes;
  const data = started?.input?.payloads?.[0]?.data as Uint8Array;
  const request = JSON.parse(Buffer.from(data).toString('utf8')) as SignedRequest;
  expect(await start(request)).toMatch(/^A deploy of forged production runs only as the workflow /);
  expect(await start(request, environment)).toBe(
    `This request was used before, for ${world.sealed.plan.deployId}, and a request starts one deploy only.\n` +
      'Send a new request: plimsoll deploy',
  );
  await stack.cli(['deploy', ...place, '--detach', ...as('morgan', 'morgan')]);
  const { deployId: next } = await stack.reached('forged', 'approval');
  await send(genuine);
  const [first] = await ruled(1);
  const { deployId: before } = world.sealed.plan;
  expect(first && said(first)).toBe(
    `void: the decision is for the deploy ${before}, not for ${next}`,
  );
  await stack.handle('forged').terminate('tired of it');
  await expect(send(genuine)).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  expect(await stack.effectsOf('forged')).toEqual(effects);
});
