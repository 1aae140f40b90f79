import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions, WorkerOptions } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import type { Config } from '../domain/schema.ts';
import { loadConfig } from './config.ts';
import { hearHints } from './hint-server.ts';
import { taskQueue } from './queue.ts';
import { pageWarning } from './page-warning.ts';
import { schedulePolls } from './poll-schedules.ts';
import { scheduleBudget } from './budget-schedule.ts';
import { executionOf, scheduleReconcile } from './reconcile-schedule.ts';
import { workflowBundle } from './engine/workflow-bundle.ts';
import { announceWorker } from './registry.ts';
import { quietRuntime } from './runtime.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { composeActivities } from './compose.ts';
import { secret } from './secrets.ts';
import { lastSentinel, scheduleSentinel } from './sentinel-schedule.ts';
import { openDoors } from './slack/doors.ts';

export type WorkerSettings = {
  configPath: string;
  connection: NativeConnectionOptions;
  namespace: string;
  /** Called once the worker polls. */
  onPolling?: (where: { taskQueue: string }) => void;
  /** Something a person should know, such as deploys that wait for another configuration. */
  onWarning?: (line: string) => void;
  /** Ends the worker gracefully. */
  signal?: AbortSignal;
};

const packaged = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** The bundle of an installed package, or that of a clone's sources. */
export const workflowCode = async (): Promise<Pick<WorkerOptions, 'workflowBundle'>> => ({
  workflowBundle: { codePath: existsSync(packaged) ? packaged : await workflowBundle() },
});

/** Tells the server that this worker is here; answers what a person should know. */
async function introduce(client: Client, config: Config, queue: string): Promise<string[]> {
  const left = await announceWorker(client, config, queue);
  const unscheduled = await scheduleReconcile(client, queue);
  const unpolled = await schedulePolls(client, config, queue);
  const unguarded = await scheduleSentinel(client, config, queue);
  const untold = await scheduleBudget(client, config, queue);
  return [left, unscheduled, unpolled, unguarded, untold, pageWarning(config)].filter(
    (line) => line !== null,
  );
}

/** Runs until the signal, or SIGINT/SIGTERM: activities under way get 30 s, then 30 s more to end. */
export async function runWorker(settings: WorkerSettings): Promise<void> {
  const { connection: options, namespace } = settings;
  quietRuntime();
  const config = await loadConfig(settings.configPath);
  const connected = Promise.withResolvers<Client>();
  const { activities, ledger, close } = await composeActivities(config, {
    executionOf: executionOf(connected.promise),
    lastSentinel: lastSentinel(connected.promise),
  });
  const connection = await NativeConnection.connect(options);
  const client = new Client({ connection: await Connection.connect(options), namespace });
  connected.resolve(client);
  const warn = (line: string) => settings.onWarning?.(line);
  const hearing = await hearHints(config.hints, { secret, warn });
  const doors = await openDoors(config, { client, ledger, secret, warn });
  try {
    await registerSearchAttributes(client, namespace);
    const queue = taskQueue(config);
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: queue,
      activities,
      ...(await workflowCode()),
      shutdownGraceTime: '30 seconds',
      shutdownForceTime: '60 seconds',
      maxHeartbeatThrottleInterval: '3 seconds',
    });
    for (const line of await introduce(client, config, queue)) warn(line);
    const running = worker.run();
    const end = () => worker.getState() === 'RUNNING' && worker.shutdown();
    settings.signal?.addEventListener('abort', end, { once: true });
    settings.onPolling?.({ taskQueue: queue });
    await running;
  } finally {
    await hearing.close();
    await doors.close();
    await client.connection.close();
    await connection.close();
    await close();
  }
}
