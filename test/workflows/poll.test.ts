import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Activities, BranchLook, Note } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import { abort, decide } from '../../workflows/messages.ts';
import { deploy } from '../../workflows/deploy.ts';
import { poll } from '../../workflows/poll.ts';
import { openGate, sha } from '../support/plan.ts';
import { bundle, decision, request } from '../support/saga.ts';
import { crew, inPhase, newer, realServer, until } from '../support/sea.ts';
import type { Handle } from '../support/sea.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await realServer(inject('temporalBinary'));
});
afterAll(() => env?.teardown());

const look = (change: Partial<BranchLook> = {}): BranchLook => ({
  ...{ branch: 'main', head: sha('c'), known: null, open: null, refused: null, told: null },
  subject: { project: 'gateway', sha: sha('c'), github: null, target: { repository: 'r' } },
  ...{ after: null, channel: '#deployments' },
  ...change,
});

let runs = 0;
/** Looks once, on fake activities, beside whatever is deployed there. */
async function pollOnce(
  seen: BranchLook,
  change: Partial<Activities> = {},
  beside: (place: Deploys) => Promise<void> = async () => {},
) {
  runs += 1;
  const taskQueue = `poll-${process.pid}-${runs}`;
  const asked: string[] = [];
  const notes: Note[] = [];
  const { activities, rows } = crew({
    lookAtBranch: async () => seen,
    signPush: async ({ sha: ref }) => {
      asked.push(ref);
      return newer('c', { ref, requestedBy: 'agent', environment: taskQueue });
    },
    say: async (note) => {
      notes.push(note);
      return true;
    },
    ...change,
  });
  const options = { connection: env.nativeConnection, taskQueue, workflowBundle: code, activities };
  const worker = await Worker.create(options);
  const { client } = env;
  const workflowId = `deploy/gateway/${taskQueue}`;
  return await worker.runUntil(async () => {
    const begin = () => client.workflow.start(deploy, { args: [request], taskQueue, workflowId });
    const run = () =>
      client.workflow.execute(poll, {
        args: [{ project: 'gateway', environment: taskQueue }],
        taskQueue,
        workflowId: `poll/${taskQueue}`,
      });
    const handle = client.workflow.getHandle(workflowId) as unknown as Handle;
    const reports: Awaited<ReturnType<typeof run>>[] = [];
    const sail = async () => void reports.push(await run());
    await beside({ begin, handle, sail });
    if (reports.length === 0) await sail();
    return { report: reports[0], asked, notes, rows };
  });
}

type Deploys = {
  begin: () => Promise<unknown>;
  handle: Handle;
  sail: () => Promise<void>;
};

test('a commit that was never tried is deployed, and outlives the look', async () => {
  const { report, asked } = await pollOnce(look(), {}, async ({ handle, sail }) => {
    await sail();
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
  const { report } = await pollOnce(look({ open: 'd-1' }), {}, async ({ begin, handle, sail }) => {
    await begin();
    await inPhase(handle, 'approval', 'b');
    await sail();
    await inPhase(handle, 'approval', 'c');
    await handle.signal(abort);
    await handle.result();
  });
  expect(report).toMatchObject({ did: 'asked' });
});

test('an open deploy that has begun goes on, and refuses it on record', async () => {
  const looking = Promise.withResolvers<void>();
  const runSmoke: Activities['runSmoke'] = async () => {
    await looking.promise;
    return { ok: true, checks: [] };
  };
  const { rows } = await pollOnce(look(), { runSmoke }, async ({ begin, handle, sail }) => {
    await begin();
    await inPhase(handle, 'approval', 'b');
    await handle.signal(decide, decision('bob', 'approve'));
    await until(handle, ({ phase }) => phase === 'smoke');
    await sail();
    await until(handle, ({ requests }) => requests?.length === 1);
    looking.resolve();
    expect(await handle.result()).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
  });
  const [row] = rows.filter(({ kind }) => kind === 'request');
  expect(row?.body).toMatchObject({ verdict: 'refused', sha: sha('c'), requestedBy: 'agent' });
});

test('what was tried, and a red or pending test, ask for nothing and tell nobody', async () => {
  const known = await pollOnce(look({ known: 'started' }));
  expect(known).toMatchObject({ report: { did: 'nothing' }, asked: [], notes: [], rows: [] });
  const pending = { ...openGate('tests', ''), open: false, reasons: ['"ci" is queued'] };
  const waits = await pollOnce(look(), { checkTests: async () => pending });
  expect(waits).toMatchObject({
    ...{ report: { did: 'waits', why: 'tests: "ci" is queued' }, asked: [], notes: [], rows: [] },
  });
});

test('a commit that has not succeeded in the environment before waits as well', async () => {
  const closed = { ...openGate('previous', ''), open: false, reasons: ['not in staging yet'] };
  const seen: string[] = [];
  const checkPrevious: Activities['checkPrevious'] = async ({ after }) => {
    seen.push(after);
    return closed;
  };
  const { report } = await pollOnce(look({ after: 'staging' }), { checkPrevious });
  expect(report).toMatchObject({ did: 'waits', why: 'previous: not in staging yet' });
  expect(seen).toEqual(['staging']);
});

test('one that waits for another deploy is told once, in Slack and in the ledger', async () => {
  const held = look({ open: 'd-1', refused: 'it is in watch' });
  const first = await pollOnce(held);
  const why = 'for d-1 to end: it is in watch';
  expect(first).toMatchObject({ report: { did: 'waits', why }, asked: [] });
  expect(first.notes).toMatchObject([
    { step: 'push-waits', channel: '#deployments', deploy: { deployId: 'push-cccccccccccc' } },
  ]);
  expect(first.rows).toMatchObject([{ kind: 'request', body: { verdict: 'waits', why } }]);
  const again = await pollOnce({ ...held, told: why });
  expect(again).toMatchObject({ report: { did: 'waits', why }, notes: [], rows: [] });
});

test('a key that cannot sign any more is told too', async () => {
  const signPush: Activities['signPush'] = async () => {
    throw ApplicationFailure.nonRetryable('there is no such file', failures.misconfigured);
  };
  const { report, notes } = await pollOnce(look(), { signPush });
  expect(report).toMatchObject({ did: 'waits', why: 'there is no such file' });
  expect(notes).toHaveLength(1);
});
