import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import { deployId, messages } from '../../domain/deploy/wire.ts';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import type { Order } from '../support/stranger-workflow.ts';
import { shipped } from '../support/witness.ts';

/**
 * A person who can open a connection to the Temporal server, and nothing else, against a real
 * worker with real hosts. This person reads the memos and histories, so the sealed plans are known.
 */

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'closed', hosts: 1 },
  { ...good, name: 'waiting', hosts: 1 },
];

Runtime.install({ logger: new DefaultLogger('ERROR') });

let stack: Stack;
let stranger: Worker;
let working: Promise<void>;
let connection: NativeConnection;
let productQueue: string;
const strangersQueue = 'queue-of-a-stranger';

beforeAll(async () => {
  stack = await startStack({ fleetProjects });
  await Promise.all(fleetProjects.map(({ name }) => stack.deploy(name)));
  await Promise.all(fleetProjects.map(({ name }) => stack.reached(name, 'approval')));
  await stack.approve('closed');
  await stack.report('closed');
  const registry = await stack.client.workflow.getHandle(messages.registryId).describe();
  productQueue = (registry.memo as RegistryMemo).taskQueue;
  connection = await NativeConnection.connect({ address: stack.address });
  stranger = await Worker.create({
    connection,
    taskQueue: strangersQueue,
    workflowsPath: fileURLToPath(new URL('../support/stranger-workflow.ts', import.meta.url)),
  });
  working = stranger.run();
}, 300_000);
afterAll(async () => {
  stranger?.shutdown();
  await working;
  await connection?.close();
  await stack?.close();
});

let orders = 0;
/** Orders an activity of the real worker, and returns its failure, or 'done'. */
async function order(activity: string, input: unknown): Promise<string> {
  orders += 1;
  const args: [Order] = [{ taskQueue: productQueue, activity, input }];
  const options = { taskQueue: strangersQueue, workflowId: `stranger-${orders}`, args };
  return await outcome(stack.client.workflow.execute('order', options));
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (failure) {
    let inner: unknown = failure;
    while (
      (inner instanceof WorkflowFailedError || inner instanceof ActivityFailure) &&
      inner.cause !== undefined
    )
      inner = inner.cause;
    return inner instanceof ApplicationFailure ? `${inner.type}: ${inner.message}` : String(inner);
  }
}

const stolen = async (project: string): Promise<Plan> => {
  const { memo } = await stack.handle(project).describe();
  return (memo as { plan: SealedPlan }).plan.plan;
};
const stepOf = ({ warrant, deployId: id, project, sha, release, target }: Plan) => ({
  warrant,
  deploy: { deployId: id, project, environment, sha },
  ...{ release, target },
  host: 'hosts' in target ? target.hosts[0] : undefined,
});
const history = async (project: string): Promise<string[]> => {
  const { stdout } = await stack.cli(['history', project, environment, '--json']);
  return (JSON.parse(stdout) as Entry[]).map(({ kind }) => kind);
};
const stillWaits = async () => {
  expect(await stack.truthOf('waiting')).toEqual({ served: ['old old old'], main: 'new' });
  expect(await stack.effectsOf('waiting')).toEqual({});
};

describe('with the stolen plan of a deploy that nobody approved', () => {
  test('no effect happens, whichever step is ordered', async () => {
    const step = stepOf(await stolen('waiting'));
    const steps = ['stageRelease', 'switchRelease', 'restartService', 'publishCommit'];
    for (const activity of steps)
      expect(await order(activity, { ...step, before: null, branch: 'main' })).toMatch(
        /^Refused: .*did not make the plan/,
      );
    await stillWaits();
  });

  test('no record, no revert and no recovery can be ordered', async () => {
    const plan = await stolen('waiting');
    const { warrant, deployId: id, project } = plan;
    const place = { deployId: id, project, environment, warrant };
    const row = (kind: string, body: object) => ({ ...place, kind, key: `${id}/${kind}`, body });
    for (const input of [
      row('approved', { signed: [] }),
      row('closed', { outcome: 'succeeded' }),
      row('closed', { outcome: 'aborted' }),
      row('closed', { outcome: 'rolled-back' }),
      row('quarantine', {}),
    ])
      expect(await order('append', input)).toMatch(/^Refused: /);
    const cause = { kind: 'watch', blames: 'release', detail: 'x' };
    const revert = { plan, rolledBackTo: plan.rollbackTarget, cause };
    expect(await order('revertMain', revert)).toMatch(/^Refused: .*does not say that this deploy/);
    const end = { plan, outcome: 'rolled-back', cause, timeline: [], proof: null };
    expect(await order('sealEnd', end)).toMatch(/^Refused: .*still runs/);
    const recover = stack.client.workflow.execute(messages.recover, {
      ...{ taskQueue: productQueue, workflowId: 'recovery-of-a-stranger' },
      args: [{ deployId: id }],
    });
    expect(await outcome(recover)).toMatch(/^Refused: The deploy d-\w+ is not lost/);
    expect((await history('waiting')).toSorted()).toEqual(['started']);
    await stillWaits();
  });

  test('no address, no variable and no channel of a stranger is used', async () => {
    const step = stepOf(await stolen('waiting'));
    const target = { platform: 'vercel', api: stack.fleet.sandbox.git.address, token: 'env:HOME' };
    const asked: [string, unknown][] = [
      ['inspectHosts', { target }],
      ['checkProduction', { ...step, target, warrant: undefined }],
      ['probeDependencies', { dependencies: [stack.fleet.sandbox.git.address] }],
      ['checkSecrets', { plan: { project: 'waiting', target: { repository: '/etc' } } }],
      ['rollBackProduction', { ...step, target }],
    ];
    for (const [activity, input] of asked) expect(await order(activity, input)).toMatch(/^Refused/);
  });

  test('a deploy under another workflow id does not start', async () => {
    const { started } = await requestOf('waiting');
    const second = stack.client.workflow.execute(messages.deploy, {
      ...{ taskQueue: productQueue, workflowId: 'deploy/waiting/second', args: [started] },
    });
    expect(await outcome(second)).toMatch(/^Refused: /);
    await stillWaits();
  });
});

/** Reads the signed request of a deploy from its history. */
async function requestOf(project: string) {
  const { events } = await stack.handle(project).fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return { started: JSON.parse(Buffer.from(payload?.data ?? []).toString('utf8')) as unknown };
}

describe('with a deploy that has ended', () => {
  test('nothing ships and nothing rolls back by its stolen plan', async () => {
    const step = stepOf(await stolen('closed'));
    expect(await order('switchRelease', step)).toMatch(/^Refused: .*did not make the plan/);
    expect(await order('rollBackHost', { ...step, startUpMs: 1 })).toMatch(
      /^DeployEnded: .*the deploy has ended/,
    );
  });

  test('a reset at any event has no effect', async () => {
    const before = await stack.effectsOf('closed');
    expect(before).toEqual(shipped('closed-1'));
    const { runId } = await stack.handle('closed').describe();
    const { events } = await stack.client.workflow
      .getHandle(deployId('closed', environment), runId)
      .fetchHistory();
    const points = (events ?? [])
      .filter(({ workflowTaskCompletedEventAttributes: done }) => done)
      .map(({ eventId }) => eventId!);
    const some = points.filter((_, at) => at % Math.ceil(points.length / 8) === 0);
    for (const point of some) {
      await stack.client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: deployId('closed', environment), runId },
        reason: 'a stranger resets',
        requestId: `reset-${String(point)}`,
        workflowTaskFinishEventId: point,
      });
      await outcome(stack.handle('closed').result());
    }
    expect(some.length).toBeGreaterThan(5);
    expect(await stack.effectsOf('closed')).toEqual(before);
    expect(await stack.truthOf('closed')).toEqual({ served: ['new new new'], main: 'new' });
  });
});
