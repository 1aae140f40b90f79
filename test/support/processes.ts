import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startWorker } from '../../sandbox/fleet/processes.ts';
import type { Fleet } from '../../sandbox/fleet/fleet.ts';
import { cacheDirectory } from '../../worker/engine/cache.ts';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import type { Started } from '../../activities/lib/process.ts';

/** A Temporal server that keeps its data file and its address after `kill` and `startAgain`. */
export async function createServer(dataFile: string) {
  const binary = inject('temporalBinary');
  let running: DevServer = await startDevServer({ dataFile, binary });
  const { address } = running;
  return {
    address,
    stop: () => running.stop(),
    /** Ends the server at once with SIGKILL, even in the middle of its work. */
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async startAgain() {
      const port = Number(address.split(':')[1]);
      running = await startDevServer({ dataFile, binary, port });
      if (running.address !== address) throw new Error(`another process uses ${address}`);
    },
  };
}

/** Prepares a cache directory for one worker. All workers share the bundle, which is built once. */
export async function cacheWithBundles(directory: string): Promise<string> {
  const [own, shared] = [join(directory, 'plimsoll'), join(cacheDirectory(), 'bundles')];
  if (existsSync(join(own, 'bundles'))) return directory;
  for (const path of [own, shared]) await mkdir(path, { recursive: true });
  await symlink(shared, join(own, 'bundles'));
  return directory;
}

type Place = { directory: string; fleet: Fleet; address: string };

/** Functions that start and end one worker in its own process, with its own Git clones. */
export function createWorkers(workerEnv = {}, { directory, fleet, address }: Place) {
  const log = join(directory, 'worker.log');
  const env = {
    ...fleet.env,
    XDG_CACHE_HOME: join(directory, 'cache'),
    // Each worker has its own Git clones, but all workers share the compiled sources.
    NODE_COMPILE_CACHE: join(cacheDirectory(), 'compiled'),
    ...workerEnv,
  };
  let running: Started | undefined;
  return {
    log,
    /** `root`: the sources of Plimsoll that the worker runs; absent = these sources. */
    async start(root?: string) {
      await cacheWithBundles(env.XDG_CACHE_HOME);
      const from = root === undefined ? {} : { root };
      running = await startWorker({ address, fleet: { ...fleet, env }, log, ...from });
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    /** Ends the worker with SIGKILL: no signal handler runs, and no activity completes. */
    async kill() {
      if (!running) throw new Error('no worker is running');
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
      running = undefined;
    },
  };
}
