import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PlainActivities, BranchSnapshot, Note } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { abort, decide } from '../../../workflows/messages.ts';
import { deploy } from '../../../workflows/deploy.ts';
import { poll } from '../../../workflows/scheduled/poll.ts';
import { openGate, sha } from '../../support/plan.ts';
import { bundle, decision, request } from '../../support/saga.ts';
import { fakeDeploys, inPhase, newer, realServer, until } from '../../support/real-server.ts';
import type { Handle } from '../../support/real-server.ts';
import { warmWorker } from '../../support/warm-worker.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await realServer(inject('temporalBinary'));
});
afterAll(() => env?.teardown());

const snapshot = (change: Partial<BranchSnapshot> = {}): BranchSnapshot => ({
  ...{ branch: 'main', head: sha('c'), known: null, open: null, refused: null, notified: null },
  subject: { project: 'gateway', sha: sha('c'), github: null, target: { repository: 'r' } },
  ...{ after: null, channel: '#deployments' },
  ...change,
});

let runs = 0;
/** Polls the branch once, on fake activities. `beside` can run a deploy at the same time. */
async function pollOnce(
  seen: BranchSnapshot,
  change: Partial<PlainActivities> = {},
  beside: (place: Deploys) => Promise<void> = async () => {},
) {
  runs += 1;
  const id = `poll-${process.pid}-${runs}`;
  const asked: string[] = [];
  const notes: Note[] = [];
  const { activities, rows } = fakeDeploys({
    readBranch: async () => seen,
    signPush: async ({ sha: ref }) => {
      asked.push(ref);
      return newer('c', { ref, requestedBy: 'agent', environment: id });
    },
    notify: async (note) => {
      notes.push(note);
      return true;
    },
    ...change,
  });
  const { taskQueue, runUntil } = await warmWorker(env, code, activities);
  const { client } = env;
  const workflowId = `deploy/gateway/${id}`;
  return await runUntil(async () => {
    const begin = () => client.workflow.start(deploy, { args: [request], taskQueue, workflowId });
    const run = () =>
      client.workflow.execute(poll, {
        args: [{ project: 'gateway', environment: id }],
        taskQueue,
        workflowId: `poll/${id}`,
      });
    const handle = client.workflow.getHandle(workflowId) as unknown as Handle;
    const reports: Awaited<ReturnType<typeof run>>[] = [];
    const runDeploy = async () => void reports.push(await run());
    await beside({ begin, handle, runDeploy });
    if (reports.length === 0) await runDeploy();
    return { report: reports[0], asked, notes, rows };
  });
}

type Deploys = {
  begin: () => Promise<unknown>;
  handle: Handle;
  runDeploy: () => Promise<void>;
};

test('a commit that was never tried is deployed, and the deploy outlives the poll', async () => {
  const { report, asked } = await pollOnce(snapshot(), {}, async ({ handle, runDeploy }) => {
    await runDeploy();
    await inPhase(handle, 'approval', 'c');
    const { searchAttributes, staticSummary } = await handle.describe();
    expect(searchAttributes).toMatchObject({ PlimsollRequester: ['agent'] });
    expect(await staticSummary()).toMatch(/^gateway \S+ c{40} by agent$/);
    await handle.signal(abort);
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', sha: sha('c') });
  });
  expect(report).toMatchObject({ head: sha('c'), did: 'started' });
  expect(asked).toEqual([sha('c')]);
});

test('an open deploy that waits gives way to it', async () => {
  const { report } = await pollOnce(
    snapshot({ open: 'd-1' }),
    {},
    async ({ begin, handle, runDeploy }) => {
      await begin();
      await inPhase(handle, 'approval', 'b');
      await runDeploy();
      await inPhase(handle, 'approval', 'c');
      await handle.signal(abort);
      await handle.result();
    },
  );
  expect(report).toMatchObject({ did: 'asked' });
});

test('an open deploy that has begun goes on, and refuses it on record', async () => {
  const looking = Promise.withResolvers<void>();
  const runSmoke: PlainActivities['runSmoke'] = async () => {
    await looking.promise;
    return { ok: true, checks: [] };
  };
  const { rows } = await pollOnce(
    snapshot(),
    { runSmoke },
    async ({ begin, handle, runDeploy }) => {
      await begin();
      await inPhase(handle, 'approval', 'b');
      await handle.signal(decide, decision('bob', 'approve'));
      await until(handle, ({ phase }) => phase === 'smoke');
      await runDeploy();
      await until(handle, ({ requests }) => requests?.length === 1);
      looking.resolve();
      expect(await handle.result()).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
    },
  );
  const [row] = rows.filter(({ kind }) => kind === 'request');
  expect(row?.body).toMatchObject({ verdict: 'refused', sha: sha('c'), requestedBy: 'agent' });
});

test('a commit that was tried, and a red or pending test, start nothing and notify nobody', async () => {
  const known = await pollOnce(snapshot({ known: 'started' }));
  expect(known).toMatchObject({ report: { did: 'nothing' }, asked: [], notes: [], rows: [] });
  const pending = { ...openGate('tests', ''), open: false, reasons: ['"ci" is queued'] };
  const waits = await pollOnce(snapshot(), { checkTests: async () => pending });
  expect(waits).toMatchObject({
    ...{ report: { did: 'waits', why: 'tests: "ci" is queued' }, asked: [], notes: [], rows: [] },
  });
});

test('a commit that has not succeeded in the environment before waits as well', async () => {
  const closed = { ...openGate('previous', ''), open: false, reasons: ['not in staging yet'] };
  const seen: string[] = [];
  const checkPrevious: PlainActivities['checkPrevious'] = async ({ after }) => {
    seen.push(after);
    return closed;
  };
  const { report } = await pollOnce(snapshot({ after: 'staging' }), { checkPrevious });
  expect(report).toMatchObject({ did: 'waits', why: 'previous: not in staging yet' });
  expect(seen).toEqual(['staging']);
});

test('one that waits for another deploy is reported once, in Slack and in the ledger', async () => {
  const held = snapshot({ open: 'd-1', refused: 'it is in watch' });
  const first = await pollOnce(held);
  const why = 'the deploy d-1 must end first (it is in watch)';
  expect(first).toMatchObject({ report: { did: 'waits', why }, asked: [] });
  expect(first.notes).toMatchObject([
    { step: 'push-waits', channel: '#deployments', deploy: { deployId: 'push-cccccccccccc' } },
  ]);
  expect(first.rows).toMatchObject([{ kind: 'request', body: { verdict: 'waits', why } }]);
  const again = await pollOnce({ ...held, notified: why });
  expect(again).toMatchObject({ report: { did: 'waits', why }, notes: [], rows: [] });
});

test('a key that cannot sign any more is reported too', async () => {
  const signPush: PlainActivities['signPush'] = async () => {
    throw ApplicationFailure.nonRetryable('there is no such file', failures.misconfigured);
  };
  const { report, notes } = await pollOnce(snapshot(), { signPush });
  expect(report).toMatchObject({ did: 'waits', why: 'there is no such file' });
  expect(notes).toHaveLength(1);
});
