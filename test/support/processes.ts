import { join } from 'node:path';
import { inject } from 'vitest';
import { startWorker } from '../../sandbox/demo/processes.ts';
import type { Fleet } from '../../sandbox/fleet.ts';
import { cacheDirectory } from '../../worker/engine/cache.ts';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import type { Guarded } from '../../worker/engine/guarded.ts';

/** One data file and one address, whatever dies in between. */
export async function createServer(dataFile: string) {
  const binary = inject('temporalBinary');
  let running: DevServer = await startDevServer({ dataFile, binary });
  const { address } = running;
  return {
    address,
    stop: () => running.stop(),
    /** Outright, in the middle of whatever it does. */
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async startAgain() {
      const port = Number(address.split(':')[1]);
      running = await startDevServer({ dataFile, binary, port });
      if (running.address !== address) throw new Error(`${address} was taken meanwhile`);
    },
  };
}

type Place = { directory: string; fleet: Fleet; address: string };

/** A worker as a process of its own, with clones of its own. */
export function createWorkers(workerEnv = {}, { directory, fleet, address }: Place) {
  const log = join(directory, 'worker.log');
  const env = {
    ...fleet.env,
    XDG_CACHE_HOME: join(directory, 'cache'),
    // Of its own are the clones; the compiled sources are everybody's.
    NODE_COMPILE_CACHE: join(cacheDirectory(), 'compiled'),
    ...workerEnv,
  };
  let running: Guarded | undefined;
  return {
    log,
    async start() {
      running = await startWorker({ address, fleet: { ...fleet, env }, log });
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    /** No signal handler, no last words, no completion sent. */
    async kill() {
      if (!running) throw new Error('no worker runs');
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
      running = undefined;
    },
  };
}
