import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plimsoll } from '../domain/deploy/wire.ts';
import type { Config } from '../domain/config/config.ts';
import { UserError } from '../domain/lib/user-error.ts';
import { createPrivately } from '../activities/lib/private-files.ts';
import { loadConfig } from './config/config.ts';
import { dataDirectory } from './config/data-directory.ts';
import { realDataFile, serverOn } from './engine/data-file.ts';
import { withLock } from './engine/lock.mjs';
import { startDevServer } from './engine/dev-server.ts';
import { runWorker } from './main.ts';
import { nextCommands } from './next-commands.ts';

export type UpOptions = {
  configPath: string;
  /** The path of Temporal's SQLite file. Default: temporal.db in the user's data directory. */
  dataFile?: string;
  onProgress: (line: string) => void;
  onReady: (where: { address: string; uiUrl: string; dataFile: string; next: string[] }) => void;
  /** Ends server and worker gracefully. SIGINT and SIGTERM do the same. */
  signal?: AbortSignal;
};

/**
 * Runs Temporal, Web UI and a worker for one configuration. The process may be killed at any time,
 * because all data is on disk.
 */
export async function up(options: UpOptions): Promise<void> {
  createPrivately();
  const { configPath } = options;
  const config = await loadConfig(configPath);
  // A data file may have several paths. The lock belongs to the file, so it is the same for each
  // path.
  const dataFile = await realDataFile(
    options.dataFile ?? join(dataDirectory(config), 'temporal.db'),
  );
  await withLock(`${dataFile}.lock`, () => run({ ...options, config, dataFile }), {
    onWait: (pid) => {
      throw inUse(pid, dataFile);
    },
  });
}

async function run(options: UpOptions & { config: Config; dataFile: string }): Promise<void> {
  const { configPath, config, dataFile, onProgress, onReady } = options;
  await mustBeUnused(dataFile);
  const server = await startDevServer({ dataFile, port: 7233, uiPort: 8233, onProgress });
  const { address, uiUrl } = server;
  const gone = new AbortController();
  let ending = false;
  const end = () => void (ending = true);
  process.once('SIGINT', end).once('SIGTERM', end);
  // Without a server the worker is useless, so the worker ends too. A worker that is already ending
  // must not be stopped a second time.
  void server.exited.then((code) => ending || gone.abort(serverEnded(code)));
  try {
    await runWorker({
      configPath,
      connection: { address },
      namespace: 'default',
      onWarning: onProgress,
      onPolling: () => onReady({ address, uiUrl, dataFile, next: nextCommands(config, address) }),
      signal: options.signal ? AbortSignal.any([gone.signal, options.signal]) : gone.signal,
    });
    gone.signal.throwIfAborted();
  } finally {
    end();
    process.off('SIGINT', end).off('SIGTERM', end);
    await server.stop();
  }
}

/** After a command was killed, its server needs a few seconds to end. */
const serverEndsMs = 10_000;

/**
 * Waits until no Temporal server has the file open. The lock does not show a server that somebody
 * started by hand, or one whose data file was renamed. Throws a UserError after `serverEndsMs`.
 */
async function mustBeUnused(dataFile: string): Promise<void> {
  const deadline = Date.now() + serverEndsMs;
  for (;;) {
    const pid = await serverOn(dataFile);
    if (pid === null) return;
    if (Date.now() > deadline) throw serverRuns(pid, dataFile);
    await sleep(200);
  }
}

const inUse = (pid: number, dataFile: string) =>
  new UserError(
    `"${plimsoll} up" runs already on ${dataFile} (process ${pid}), so this command did not start.\n` +
      `Use the running command, or end it with Ctrl-C. A second command needs its own file: ${plimsoll} up --data <path>`,
  );

const serverRuns = (pid: number, dataFile: string) =>
  new UserError(
    `Another Temporal server (process ${pid}) has the data file ${dataFile} open, so this command did not start.\n` +
      `Use the command that started this server, or end the server: kill ${pid}`,
  );

const serverEnded = (code: number | null) =>
  new UserError(
    `The Temporal server ended by itself (${code === null ? 'killed' : `exit ${code}`}). All data is on disk.\n` +
      `Start it again, and the open deploys continue: ${plimsoll} up`,
  );
