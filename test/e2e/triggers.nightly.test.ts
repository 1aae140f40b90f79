import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signPayload } from '../../client/sign/sign.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import { messages, namespaces } from '../../domain/deploy/wire.ts';
import type { PollReport } from '../../domain/deploy/status.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const followed = { deployOn: 'push', pollMinutes: 60 };
const fleetProjects: ProjectSpec[] = [
  {
    ...{ name: 'shop', hosts: 1, first: samples.good(1), next: samples.good(2), checks: 'success' },
    environment: followed,
  },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects,
    // The watch lasts 90 s, because the last test asks for a deploy more than once during the
    // watch.
    timeScale: 20,
    edit: (config, directory) => {
      config.requests = { as: 'casey', key: join(directory, 'fleet', 'casey.key') };
    },
  });
  // From now on the branch is polled only when a test asks for it.
  await schedule().pause();
});
afterAll(() => stack?.close());

const schedule = () => stack.client.schedule.getHandle(`poll/shop/${environment}`);

/** Triggers one poll of the branch and returns the report of this poll. */
async function look() {
  const runs = async () =>
    (await schedule().describe()).info.recentActions.map(({ action }) => action.workflow);
  const before = (await runs()).map(({ firstExecutionRunId }) => firstExecutionRunId);
  // The id of a run contains the second in which it starts, so two runs need different seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  // The schedule may not know yet that the last run has ended. So Temporal buffers this run.
  await schedule().trigger(ScheduleOverlapPolicy.BUFFER_ONE);
  const { workflowId, firstExecutionRunId } = await eventually('the schedule starts', async () =>
    (await runs()).find((run) => !before.includes(run.firstExecutionRunId)),
  );
  const handle = stack.client.workflow.getHandle(workflowId, firstExecutionRunId);
  return (await handle.result()) as PollReport;
}

/** Adds a commit with a successful CI check, to main or to another branch. */
async function push(version: number, branch = 'main') {
  const { repository } = projectIn(stack.fleet, 'shop');
  const { git, github } = stack.fleet.sandbox;
  const author = { name: 'Casey', email: 'casey@example.com' };
  const change = { files: samples.good(version), message: `shop ${version}`, author, branch };
  const sha = await git.commit(repository, change);
  github.setCheckRun(repository, sha, { name: 'ci', status: 'completed', conclusion: 'success' });
  return sha;
}

const waits = (sha: string) =>
  eventually(`${sha.slice(0, 7)} waits for its approval`, async () => {
    const { phase, sealed } = await stack.status('shop');
    return phase === 'approval' && sealed?.plan.sha === sha ? sealed.plan : null;
  });
const history = async () =>
  JSON.parse((await stack.cli(['history', 'shop', environment, '--json'])).stdout) as Entry[];

/**
 * Deploys as a CI job does: the key is in the environment, and the command waits only for the
 * gates.
 */
const fromCi = (ref: string, ...more: string[]) =>
  stack.cli(
    ['deploy', 'shop', environment, '--ref', ref, '--wait', 'gates', '--no-input', ...more],
    { PLIMSOLL_AS: 'casey', PLIMSOLL_KEY: readFileSync(stack.fleet.keys.casey, 'utf8') },
  );

test('a schedule requests a deploy of the pushed commit, once', async () => {
  const { newSha } = projectIn(stack.fleet, 'shop');
  expect(await look()).toMatchObject({ did: 'started', head: newSha });
  const plan = await waits(newSha);
  expect(plan).toMatchObject({ requestedBy: 'casey', reason: 'push to main', ref: newSha });
  expect(await look()).toMatchObject({ did: 'nothing', head: newSha });
});

/** The first line of the message that tells the owner that the deploy was replaced. */
const notesAtSlack = (owner: string) =>
  eventually(`${owner} gets a message at Slack`, async () => {
    const said = (await stack.slackMessages()).map(({ text }) => text.split('\n')[0] ?? '');
    return said.find((line) => line.includes(` ${owner}: your deploy of shop production `));
  });

test('newer commits replace a waiting deploy, and each owner is notified', async () => {
  const { newSha } = projectIn(stack.fleet, 'shop');
  const third = await push(3);
  const owner = stack.cli(['deploy', 'shop', environment, '--ref', third, ...stack.as('morgan')]);
  const { deployId: second } = await waits(third);
  expect(await notesAtSlack('casey')).toBe(
    `<@U0CASEY> casey: your deploy of shop production ${newSha.slice(0, 7)} was replaced by ` +
      `${second} of morgan (${third.slice(0, 7)}), and production was not touched.`,
  );
  const fourth = await push(4);
  expect(await look()).toMatchObject({ did: 'asked', head: fourth });
  const { deployId: next } = await waits(fourth);
  const words = `replaced by ${next} of casey (${fourth.slice(0, 7)}), and production was not touched`;
  expect(await owner).toMatchObject({
    code: 6,
    stdout: `shop production ${third.slice(0, 7)}: aborted (nothing was touched)\n  ${words}\n`,
    stderr: expect.stringMatching(/^Your deploy replaces the deploy by casey \(/),
  });
  expect(await notesAtSlack('morgan')).toBe(
    `<@U0MORGAN> morgan: your deploy of shop production ${third.slice(0, 7)} was ${words}.`,
  );
});

test('a forged request replaces nothing, and is recorded', async () => {
  const { sealed } = await stack.status('shop');
  const request = {
    ...{ project: 'shop', environment, ref: await push(5), requestedBy: 'morgan', reason: 'mine' },
    ...{ priority: 'P0', nonce: randomBytes(16).toString('hex') },
    requestedAt: new Date().toISOString(),
  };
  const keyPath = stack.fleet.keys.robin;
  const namespace = namespaces.request;
  const signature = await signPayload({ payload: request, keyPath, namespace });
  await stack.handle('shop').signal(messages.supersede, { request, signature });
  const { requests } = await eventually('the request is refused', async () => {
    const now = await stack.status('shop');
    return now.requests?.length ? now : null;
  });
  const why = expect.stringMatching(/^The signature of the request is not morgan's: /);
  expect(requests).toMatchObject([{ verdict: 'refused', requestedBy: 'morgan', why }]);
  expect(await stack.status('shop')).toMatchObject({ phase: 'approval', sealed });
  const [row] = (await history()).filter(({ kind }) => kind === 'request');
  expect(row?.body).toMatchObject({ verdict: 'refused', genuine: false, why });
});

test('a P0 from CI, of another branch, replaces a waiting deploy; nothing replaces one that has begun', async () => {
  const { repository, oldSha } = projectIn(stack.fleet, 'shop');
  const { repositories } = stack.fleet.sandbox.git;
  await repositories.git(repository, ['update-ref', 'refs/heads/hotfix', oldSha]);
  const fix = await push(6, 'hotfix');
  const refused = await fromCi('hotfix');
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/\nReplace it: {4}plimsoll .* --ref hotfix --supersede\n/);
  expect(await fromCi('hotfix', '--priority', 'P0')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^The gates are open; waiting for: 1 approval by morgan or robin/,
    ),
  });
  await waits(fix);
  await stack.approve('shop');
  await stack.reached('shop', 'watch');
  const late = await stack.cli(['deploy', 'shop', environment, ...stack.as('casey')]);
  expect(late.code).toBe(4);
  expect(late.stderr).toMatch(/\nRoll it back: {2}plimsoll rollback shop production\n/);
  const closed = (await history()).filter(({ kind }) => kind === 'closed');
  expect(closed.map(({ body }) => body['outcome'])).toEqual(['aborted', 'aborted', 'aborted']);
});

test('a push waits for the deploy that has begun, and people are notified once', async () => {
  expect(await look()).toMatchObject({ did: 'asked' });
  await eventually('a refusal', async () => (await stack.status('shop')).requests?.length);
  const why = expect.stringMatching(
    /^the deploy d-\w+ must end first \(the open deploy is in watch and may/,
  );
  expect(await look()).toMatchObject({ did: 'waits', why });
  expect(await look()).toMatchObject({ did: 'waits', why });
  const said = (await stack.slackMessages()).filter(
    ({ metadata }) => metadata?.event_payload.step === 'push-waits',
  );
  expect(said).toHaveLength(1);
  expect(said[0]?.text).toMatch(
    /^shop production: a push is not deployed yet\. \w{7} on main waits: /,
  );
  const rows = (await history()).filter(({ body }) => body['verdict'] === 'waits');
  expect(rows).toHaveLength(1);
});
