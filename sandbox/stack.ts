import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../worker/engine/dev-server.ts';
import type { DevServer } from '../worker/engine/dev-server.ts';
import type { Guarded } from '../worker/engine/guarded.ts';
import { plimsoll, startWorker } from './demo/processes.ts';
import type { Answer } from './demo/processes.ts';
import { startFleet } from './fleet.ts';
import type { Fleet, FleetOptions } from './fleet.ts';

/** Temporal, a fleet and a worker as processes of their own, for scripts that measure or record. */
export type Stack = {
  server: DevServer;
  fleet: Fleet;
  worker: Guarded;
  client: Client;
  /** The CLI as a person of the fleet runs it. */
  as(person: keyof Fleet['keys'], ...args: string[]): Promise<Answer>;
  close(): Promise<void>;
};

/** `directory` gets everything; what was started is closed again if a part cannot start. */
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
      plimsoll(address, [...args, '--as', person, '--key', fleet.keys[person]]);
    return { server, fleet, worker, client, as, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
