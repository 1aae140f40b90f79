import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';

type Act = (...args: unknown[]) => Promise<unknown>;
type Activities = Record<string, Act>;
type State = 'running' | 'returned' | 'threw';
/** The last attempt of each activity of a workflow run, by activity id. */
type Attempts = ReadonlyMap<string, State>;

/** The activities of a workflow run. A run keeps the activities that were set when it began. */
class Stage {
  #current: Activities = {};
  readonly #runs = new Map<string, { activities: Activities; attempts: Map<string, State> }>();

  set(activities: Activities) {
    this.#current = activities;
  }

  #run(runId: string) {
    const run = this.#runs.get(runId) ?? { activities: this.#current, attempts: new Map() };
    this.#runs.set(runId, run);
    return run;
  }

  readonly attempts = (runId: string): Attempts => this.#run(runId).attempts;

  readonly act: Act = async (...args) => {
    const { workflowExecution, activityType, activityId } = Context.current().info;
    const { activities, attempts } = this.#run(workflowExecution?.runId ?? '');
    const act = activities[activityType];
    if (!act) throw ApplicationFailure.nonRetryable(`this test has no activity ${activityType}`);
    attempts.set(activityId, 'running');
    try {
      const result = await act(...args);
      attempts.set(activityId, 'returned');
      return result;
    } catch (cause) {
      attempts.set(activityId, 'threw');
      throw cause;
    }
  };
}

type WarmWorker = {
  taskQueue: string;
  runUntil: <T>(work: () => Promise<T>) => Promise<T>;
  attempts: (runId: string) => Attempts;
};
type Warm = { worker: Worker; ended: Promise<void>; stage: Stage };
type Options = Pick<WorkerOptions, 'maxCachedWorkflows'>;
const workers = new WeakMap<TestWorkflowEnvironment, Promise<Warm>>();
const sharedQueue = `tests-${process.pid}`;
let workersAlone = 0;

const create = (
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  stage: Stage,
  options: Options & { taskQueue: string },
) =>
  Worker.create({
    connection: env.nativeConnection,
    workflowBundle,
    activities: { default: stage.act },
    // An activity that a lost task left behind must not hold up the end of the tests.
    shutdownForceTime: '5 seconds',
    ...options,
  });

async function start(env: TestWorkflowEnvironment, workflowBundle: WorkflowBundleOption) {
  const stage = new Stage();
  const worker = await create(env, workflowBundle, stage, { taskQueue: sharedQueue });
  const ended = worker.run();
  ended.catch(() => workers.delete(env));
  return { worker, ended, stage };
}

/**
 * Returns a worker that runs the workflows of a test with `activities`. All tests of a file share
 * one worker, because each new worker loads the workflow bundle and takes a quarter of a second of
 * CPU time. Use it for one test at a time. With `options`, a new worker is made for this test
 * alone.
 */
export async function warmWorker(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  activities: PlainActivities,
  options: Options = {},
): Promise<WarmWorker> {
  const acts = activities as unknown as Activities;
  if (Object.keys(options).length > 0) {
    const stage = new Stage();
    stage.set(acts);
    const taskQueue = `${sharedQueue}-${(workersAlone += 1)}`;
    const worker = await create(env, workflowBundle, stage, { ...options, taskQueue });
    return { taskQueue, runUntil: (work) => worker.runUntil(work), attempts: stage.attempts };
  }
  const starting = workers.get(env) ?? start(env, workflowBundle);
  workers.set(env, starting);
  const { stage, ended } = await starting;
  const broken = ended.then(() => Promise.reject(new Error('the worker of the tests ended')));
  broken.catch(() => {});
  return {
    taskQueue: sharedQueue,
    runUntil: async (work) => {
      stage.set(acts);
      return await Promise.race([work(), broken]);
    },
    attempts: stage.attempts,
  };
}

/** Returns `env` with a `teardown` that ends its shared worker before the server ends. */
export function endingWarmWorker(env: TestWorkflowEnvironment): TestWorkflowEnvironment {
  const teardown = env.teardown.bind(env);
  env.teardown = async () => {
    await endWarmWorker(env);
    await teardown();
  };
  return env;
}

async function endWarmWorker(env: TestWorkflowEnvironment): Promise<void> {
  const warm = await workers.get(env)?.catch(() => null);
  workers.delete(env);
  if (!warm) return;
  warm.worker.shutdown();
  await warm.ended.catch(() => {});
}
