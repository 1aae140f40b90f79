import { MockActivityEnvironment } from '../support/activity-environment.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { createFreeLocks } from '../../activities/records/free-locks.ts';
import { deploy } from '../../client/commands/deploy.ts';
import { status } from '../../client/commands/status.ts';
import { order } from '../../client/session/order.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import { whySquatted } from '../../domain/rollback/squatted-lock.ts';
import type { LockHolder } from '../../domain/rollback/squatted-lock.ts';
import { locksOf } from '../../worker/locks.ts';
import { startStack } from '../client/stub/stack.ts';
import type { Stack } from '../client/stub/stack.ts';
import { shortTimeLimits } from '../support/io.ts';
import { memory, planner, signed } from '../support/planning.ts';

describe('a deploy with another workflow id than its place', () => {
  beforeEach(async () => {
    memory.ledger = await openLedger({ path: ':memory:' });
  });

  const planAs = (workflowId: string) => {
    const workflowExecution = { workflowId, runId: 'run-1' };
    const activity = new MockActivityEnvironment({ workflowExecution });
    const { planDeploy } = planner({});
    return activity.run(planDeploy, { signed: signed({}), runId: 'run-1', record: true });
  };

  test('is refused, and leaves no entry in the ledger', async () => {
    await expect(planAs('something/else')).rejects.toMatchObject({
      type: 'Refused',
      nonRetryable: true,
      message:
        'A deploy of shop production runs only as the workflow deploy/shop/production, ' +
        'because this id is its lock. This workflow has the id "something/else".\n' +
        'Nothing was touched. Send the request with: plimsoll deploy shop production',
    });
    expect(await memory.ledger.read({ limit: 10 })).toEqual([]);
  });

  test('runs with the id of its place', async () => {
    expect(await planAs(deployId('shop', 'production'))).toMatchObject({ project: 'shop' });
  });
});

describe('which workflow may hold a lock', () => {
  const now = Date.parse('2026-01-01T01:00:00Z');
  const deployOfOurs: LockHolder = {
    runId: 'run-1',
    type: 'deploy',
    taskQueue: 'ours',
    startedAt: '2026-01-01T00:00:00Z',
    own: true,
    polled: true,
  };
  const nothing = { known: false, unclosed: false };
  const strange = { ...deployOfOurs, taskQueue: 'theirs', own: false };
  const young = { startedAt: '2026-01-01T00:50:00Z' };

  test.each<[string, Partial<LockHolder>, Partial<typeof nothing>, boolean]>([
    ['a deploy on the queue of this worker', deployOfOurs, {}, false],
    ['a recovery on the queue of this worker', { ...deployOfOurs, type: 'recover' }, {}, false],
    ['another type on the queue of this worker', { ...deployOfOurs, type: 'registry' }, {}, true],
    ['a deploy on a queue that no worker polls', { ...strange, polled: false }, {}, true],
    ['the same, but the ledger knows it', { ...strange, polled: false }, { known: true }, false],
    ['another type that the ledger knows', { ...strange, type: 'evil' }, { known: true }, false],
    ['a young deploy of another worker', { ...strange, ...young }, {}, false],
    ['an old deploy of another worker that was never recorded', strange, {}, true],
    ['a recovery of another worker', { ...strange, type: 'recover' }, { unclosed: true }, false],
    ['a recovery of nothing by another worker', { ...strange, type: 'recover' }, {}, true],
  ])('%s', (_, holder, record, squatted) => {
    const why = whySquatted({ ...deployOfOurs, ...holder }, { ...nothing, ...record }, now);
    expect(why !== null).toBe(squatted);
  });
});

describe('a workflow of nobody under the id of a place', () => {
  let stack: Stack;
  let stopWorker: () => Promise<void>;
  let ledger: Ledger;
  beforeAll(async () => {
    stack = await startStack(inject('temporalBinary'));
    await stack.announce({ projects: { slot: ['typed', 'queued', 'known'] } });
    stopWorker = await stack.work();
    ledger = await openLedger({ path: ':memory:' });
  });
  afterAll(async () => {
    await stopWorker?.();
    await stack?.stop();
  });

  const io = () => stack.io({ timeLimits: shortTimeLimits });
  const place = (environment: string) => ({ project: 'slot', environment });
  const squat = (environment: string, type: string) =>
    stack.client.workflow.start(type, {
      workflowId: deployId('slot', environment),
      taskQueue: 'nobody',
    });
  const message = (run: Promise<number>) =>
    run.then(
      (code) => `exit ${code}`,
      (cause: Error) => cause.message,
    );
  const request = (environment: string) => ({
    ...place(environment),
    ...{ ref: 'main', reason: 'watching', priority: 'normal' as const, detach: true },
  });
  const free = () => {
    const config = { projects: { slot: { environments: { typed: {}, queued: {}, known: {} } } } };
    const locks = locksOf(Promise.resolve(stack.client), 'plimsoll-stub');
    return createFreeLocks({ config: () => config as never, ledger, locks }).freeLocks({});
  };

  test('is named by every command, and reconcile frees the lock', async () => {
    const typed = await squat('typed', 'evil');
    const queued = await squat('queued', 'deploy');
    const known = await squat('known', 'deploy');
    await ledger.append({
      ...{ kind: 'started', key: 'request/1', deployId: 'd-1', ...place('known') },
      body: { runId: known.firstExecutionRunId },
    });
    const named =
      `The lock of slot typed is held by the workflow deploy/slot/typed, ` +
      `run ${typed.firstExecutionRunId}, type "evil", queue "nobody".\n` +
      'This workflow is not a deploy, so it would not process the command. Nothing was sent.\n' +
      'Free the lock:  plimsoll reconcile --project slot';
    expect(await message(deploy(io(), request('typed')))).toBe(named);
    expect(await message(status(io(), place('typed')))).toBe(named);
    expect(await message(order(io(), 'rollback', place('typed')))).toBe(named);
    const unattended =
      `The lock of slot queued is held by the workflow deploy/slot/queued, ` +
      `run ${queued.firstExecutionRunId}, type "deploy", queue "nobody".\n` +
      'No worker polls this queue. The newest worker polls plimsoll-stub.\n' +
      'If a worker with an earlier configuration started the deploy, start that worker again. ' +
      'If the ledger does not contain this workflow, reconcile ends it.\n' +
      'Free the lock:  plimsoll reconcile --project slot';
    expect(await message(deploy(io(), request('queued')))).toBe(unattended);
    const sent = io();
    expect(await order(sent, 'abort', place('queued'))).toBe(0);
    expect(sent.stderr.at(-1)).toBe(unattended);

    expect(await free()).toEqual([
      {
        ...place('typed'),
        runId: typed.firstExecutionRunId,
        why: 'its type is "evil", not "deploy"',
      },
      {
        ...place('queued'),
        runId: queued.firstExecutionRunId,
        why: 'its queue "nobody" is not the queue of this worker, and the ledger does not know it as a deploy',
      },
    ]);
    expect((await known.describe()).status.name).toBe('RUNNING');
    expect(await deploy(io(), request('typed'))).toBe(0);
    expect(await deploy(io(), request('queued'))).toBe(0);
    expect(await free()).toEqual([]);
  });
});
