import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import type { Started } from '../../activities/lib/process.ts';
import { plimsoll, startWorker } from './processes.ts';
import type { Answer } from './processes.ts';
import { startFleet } from './fleet.ts';
import type { Fleet, FleetOptions } from './fleet.ts';

/**
 * A running Temporal server, sandbox and worker. Scripts use a stack for measurements and
 * recordings.
 */
export type Stack = {
  server: DevServer;
  fleet: Fleet;
  worker: Started;
  client: Client;
  /** Runs the CLI as a person of the sandbox. The CLI uses the key of this person. */
  as(person: keyof Fleet['keys'], ...args: string[]): Promise<Answer>;
  close(): Promise<void>;
};

/**
 * Starts a stack. `options.directory` holds all files. If one part cannot start, the parts that
 * already run are closed.
 */
export async function startStack(options: FleetOptions): Promise<Stack> {
  const { directory } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  const opened = async <T>(part: Promise<T>, end: (part: T) => Promise<unknown>): Promise<T> => {
    const open = await part;
    closers.push(() => end(open));
    return open;
  };
  try {
    mkdirSync(directory, { recursive: true });
    const dataFile = join(directory, 'temporal.db');
    const server = await opened(startDevServer({ dataFile }), (it) => it.stop());
    const { address } = server;
    const fleet = await opened(startFleet(options), (it) => it.close());
    const log = join(directory, 'worker.log');
    const worker = await opened(startWorker({ address, fleet, log }), (it) => it.stop());
    const connection = await opened(Connection.connect({ address }), (it) => it.close());
    const client = new Client({ connection });
    const as = (person: keyof Fleet['keys'], ...args: string[]) =>
      plimsoll(address, [...args, '--as', person, '--key', fleet.keys[person]], {
        PLIMSOLL_SEAL_PUBLIC: fleet.sealPublic,
      });
    return { server, fleet, worker, client, as, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
