import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions, WorkerOptions } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import type { Config } from '../domain/config/config.ts';
import { knownSecrets } from '../activities/lib/known-secrets.ts';
import { createPrivately } from '../activities/lib/private-files.ts';
import { loadConfig } from './config/config.ts';
import { receiveHints } from './doors/hint-server.ts';
import { locksOf } from './locks.ts';
import { taskQueue } from './queue.ts';
import { pageWarning } from './page-warning.ts';
import { schedulePolls } from './schedules/poll.ts';
import { scheduleBudget } from './schedules/budget.ts';
import { cleaningCodec, cleanFailures } from './redaction.ts';
import { executionOf, scheduleReconcile } from './schedules/reconcile.ts';
import { workflowBundle } from './engine/workflow-bundle.ts';
import { announceWorker } from './registry.ts';
import { quietRuntime } from './runtime.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { composeActivities } from './compose.ts';
import { configuredSecret } from './config/configured-secret.ts';
import { shortSecrets } from './config/secrets.ts';
import { lastDriftReport, scheduleDrift } from './schedules/drift.ts';
import { openDoors } from './doors/slack/doors.ts';
import { openWebDoor } from './doors/web/web-door.ts';
import type { WebDoor } from './doors/web/web-door.ts';
import { createTemporalSession } from './session/temporal-session.ts';
import { keepLinked } from './ledger/keep-linked.ts';
import { watchFailingTasks } from './failing-tasks/watch.ts';

export type WorkerSettings = {
  configPath: string;
  connection: NativeConnectionOptions;
  namespace: string;
  /** This function is called when the worker begins to poll. */
  onPolling?: (where: { taskQueue: string }) => void;
  /** Receives warnings for people, such as a list of deploys on the queue of an earlier worker. */
  onWarning?: (line: string) => void;
  /** When this signal aborts, the worker ends gracefully. */
  signal?: AbortSignal;
};

const dataConverter = { payloadCodecs: [cleaningCodec] };

const packaged = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** Returns the workflow bundle of an installed package, or a bundle of the sources in a clone. */
export const workflowCode = async (): Promise<Pick<WorkerOptions, 'workflowBundle'>> => ({
  workflowBundle: { codePath: existsSync(packaged) ? packaged : await workflowBundle() },
});

/** Announces this worker to the server, and makes its schedules. Returns warnings for people. */
async function introduce(client: Client, config: Config, queue: string): Promise<string[]> {
  const left = await announceWorker(client, config, queue);
  const unscheduled = await scheduleReconcile(client, queue);
  const unpolled = await schedulePolls(client, config, queue);
  const unguarded = await scheduleDrift(client, config, queue);
  const unreported = await scheduleBudget(client, config, queue);
  const short = shortSecretsWarning(config);
  return [left, unscheduled, unpolled, unguarded, unreported, pageWarning(config), short].filter(
    (line) => line !== null,
  );
}

function shortSecretsWarning(config: Config): string | null {
  const names = shortSecrets(config);
  if (names.length === 0) return null;
  return (
    `The value of ${names.join(', ')} has fewer than 8 characters, so it is not removed from texts.\n` +
    'Make a longer value, set it at the service and where the worker is started, and start the worker again.'
  );
}

/**
 * Runs the worker until `settings.signal` aborts, or until SIGINT or SIGTERM. Then running
 * activities have 30 s to end. The worker ends after 60 s at the latest.
 */
export async function runWorker(settings: WorkerSettings): Promise<void> {
  try {
    await run(settings);
  } catch (cause) {
    throw knownSecrets.cleanAll(cause);
  }
}

async function run(settings: WorkerSettings): Promise<void> {
  const { connection: options, namespace } = settings;
  createPrivately();
  const config = await loadConfig(settings.configPath);
  const connected = Promise.withResolvers<Client>();
  const warn = (line: string) => settings.onWarning?.(knownSecrets.clean(line));
  const { activities, ledger, anchor, seals, close } = await composeActivities(config, {
    executionOf: executionOf(connected.promise),
    lastDriftReport: lastDriftReport(connected.promise),
    locks: locksOf(connected.promise, taskQueue(config)),
    ...{ address: options.address, warn },
  });
  // A process with a runtime but without a connection never ends, and ignores SIGTERM. So the
  // runtime is made last, when nothing before the connection can fail any more.
  quietRuntime();
  const connection = await NativeConnection.connect(options);
  const client = new Client({
    connection: await Connection.connect(options),
    namespace,
    dataConverter,
  });
  connected.resolve(client);
  const secret = configuredSecret(config);
  const hintDoor = await receiveHints(config.hints, { secret, warn });
  const doors = await openDoors(config, { client, ledger, secret, warn });
  const session = createTemporalSession({ client, address: namespace, statusMs: 4_000 });
  const ending = new AbortController();
  let web: WebDoor | undefined;
  let linking: Promise<void> | undefined;
  try {
    await registerSearchAttributes(client, namespace);
    const queue = taskQueue(config);
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: queue,
      activities,
      interceptors: { activity: [cleanFailures] },
      dataConverter,
      ...(await workflowCode()),
      shutdownGraceTime: '30 seconds',
      shutdownForceTime: '60 seconds',
      maxHeartbeatThrottleInterval: '3 seconds',
    });
    for (const line of await introduce(client, config, queue)) warn(line);
    web = await openWebDoor(config, { session, ledger, seals, taskQueue: queue, warn });
    const running = worker.run();
    const end = () => worker.getState() === 'RUNNING' && worker.shutdown();
    settings.signal?.addEventListener('abort', end, { once: true });
    settings.onPolling?.({ taskQueue: queue });
    const deps = { client, taskQueue: queue, config, ledger, activities, warn };
    void watchFailingTasks(deps, ending.signal);
    linking = keepLinked({ ledger, anchor, config, activities, warn }, ending.signal);
    await running;
  } finally {
    ending.abort();
    await linking;
    await hintDoor.close();
    await doors.close();
    await web?.close();
    await client.connection.close();
    await connection.close();
    await close();
  }
}
