import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';

type Act = (...args: unknown[]) => Promise<unknown>;
type Activities = Record<string, Act>;

/** The activities of a workflow run. A run keeps the activities that were set when it began. */
class Stage {
  #current: Activities = {};
  readonly #ofRun = new Map<string, Activities>();

  set(activities: Activities) {
    this.#current = activities;
  }

  readonly act: Act = async (...args) => {
    const { workflowExecution, activityType } = Context.current().info;
    const runId = workflowExecution?.runId ?? '';
    const activities = this.#ofRun.get(runId) ?? this.#current;
    this.#ofRun.set(runId, activities);
    const act = activities[activityType];
    if (!act) throw ApplicationFailure.nonRetryable(`this test has no activity ${activityType}`);
    return await act(...args);
  };
}

type Warm = { worker: Worker; ended: Promise<void>; stage: Stage };
const workers = new WeakMap<TestWorkflowEnvironment, Promise<Warm>>();
const taskQueue = `tests-${process.pid}`;

async function start(env: TestWorkflowEnvironment, workflowBundle: WorkflowBundleOption) {
  const stage = new Stage();
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: { default: stage.act },
  });
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
  options: Pick<WorkerOptions, 'maxCachedWorkflows'> = {},
): Promise<{ taskQueue: string; runUntil: <T>(work: () => Promise<T>) => Promise<T> }> {
  if (Object.keys(options).length > 0) {
    const own = `${taskQueue}-${(workersAlone += 1)}`;
    const connection = env.nativeConnection;
    const made = { connection, taskQueue: own, workflowBundle, activities, ...options };
    const worker = await Worker.create(made);
    return { taskQueue: own, runUntil: (work) => worker.runUntil(work) };
  }
  const starting = workers.get(env) ?? start(env, workflowBundle);
  workers.set(env, starting);
  const { stage, ended } = await starting;
  return {
    taskQueue,
    runUntil: async (work) => {
      stage.set(activities as unknown as Activities);
      const broken = ended.then(() => Promise.reject(new Error('the worker of the tests ended')));
      return await Promise.race([work(), broken]);
    },
  };
}
let workersAlone = 0;

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
