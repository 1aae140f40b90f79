import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { parse, stringify } from 'yaml';
import { deployId, messages } from '../../domain/messages.ts';
import type { AftermathReport, DeployReport, DeployStatus, Phase } from '../../domain/plan.ts';
import { plimsoll, startWorker } from '../../sandbox/demo/processes.ts';
import type { Answer } from '../../sandbox/demo/processes.ts';
import { startFleet } from '../../sandbox/fleet.ts';
import type { Fleet, Ship, ShipSpec } from '../../sandbox/fleet.ts';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import type { Guarded } from '../../worker/engine/guarded.ts';
import { createWitness } from './witness.ts';

export type Person = keyof Fleet['keys'];
export type StackOptions = {
  ships: ShipSpec[];
  config?: Record<string, unknown>;
  /** Changes plimsoll.yaml before the worker reads it: what is known only once the hosts run. */
  edit?: (config: any, directory: string) => void;
  /** Added to the worker's environment. */
  workerEnv?: Record<string, string>;
  /** False: the test starts its own. */
  worker?: boolean;
};
export type Stack = Awaited<ReturnType<typeof startStack>>;

export const environment = 'production';
/** Half an hour is thirty seconds; kinds, rules and the judge's constants are those of production. */
const timeScale = 60;
const patienceMs = 120_000;

/** Until `condition` gives something; a place that does not answer is asked again. No timing is asserted. */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T> | T,
  ms = patienceMs,
): Promise<NonNullable<T>> {
  const end = Date.now() + ms;
  let last: unknown = 'it was never so';
  while (Date.now() < end) {
    try {
      const found = await condition();
      if (found) return found;
    } catch (cause) {
      last = cause;
    }
    await sleep(100);
  }
  throw new Error(`${what}: not within ${ms / 1000} s`, { cause: last });
}

/** A real Temporal server, a fleet, and a worker as a process of its own; `close` ends all of it. */
export async function startStack(options: StackOptions) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-e2e-'));
  const dataFile = join(directory, 'temporal.db');
  const server = await createServer(dataFile);
  const fleet = await openFleet(options, directory);
  const workers = createWorkers(options, { directory, fleet, address: server.address });
  if (options.worker !== false) await workers.start();
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  const close = async () => {
    await connection.close();
    await workers.stop();
    await fleet.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const people = createPeople(fleet, server.address);
  const watching = createFollower(client);
  const witness = createWitness(fleet);
  const { address } = server;
  const base = { address, directory, dataFile, client, fleet, server, workers, close };
  return { ...base, ...people, ...watching, ...witness };
}

async function openFleet({ ships, config, edit }: StackOptions, directory: string) {
  const path = join(directory, 'fleet');
  const fleet = await startFleet({
    directory: path,
    ships,
    timeScale,
    ...(config ? { config } : {}),
  });
  if (edit) await editConfig(fleet.configPath, (text) => edit(text, directory));
  return fleet;
}

export async function editConfig(path: string, edit: (config: any) => void, to = path) {
  const config = parse(await readFile(path, 'utf8'));
  edit(config);
  await writeFile(to, stringify(config));
}

/** One data file and one address, whatever dies in between. */
async function createServer(dataFile: string) {
  const binary = inject('temporalBinary');
  let running: DevServer = await startDevServer({ dataFile, binary });
  const { address } = running;
  const port = Number(address.split(':')[1]);
  return {
    address,
    stop: () => running.stop(),
    /** Outright, in the middle of whatever it does. */
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async startAgain() {
      running = await startDevServer({ dataFile, binary, port });
      if (running.address !== address) throw new Error(`port ${port} was taken meanwhile`);
    },
  };
}

type Place = { directory: string; fleet: Fleet; address: string };

function createWorkers({ workerEnv = {} }: StackOptions, { directory, fleet, address }: Place) {
  const log = join(directory, 'worker.log');
  const env = { ...fleet.env, XDG_CACHE_HOME: join(directory, 'cache'), ...workerEnv };
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

function createPeople(fleet: Fleet, address: string) {
  const said: string[] = [];
  const as = (name: Person) => ['--as', name, '--key', fleet.keys[name]];
  /** The CLI as a process of its own; everything it says is kept. */
  const cli = async (args: string[], env: Record<string, string> = {}): Promise<Answer> => {
    const answer = await plimsoll(address, args, env);
    said.push(answer.stdout, answer.stderr);
    return answer;
  };
  const done = async (args: string[]) => {
    const answer = await cli(args);
    if (answer.code !== 0) throw new Error(`plimsoll ${args.join(' ')}: ${answer.stderr}`);
    return answer;
  };
  return {
    said,
    as,
    cli,
    deploy: (project: string, more: string[] = []) =>
      done(['deploy', project, environment, '--detach', ...more, ...as('casey')]),
    approve: (project: string, who: Person = 'morgan') =>
      done(['approve', project, environment, ...as(who)]),
  };
}

function createFollower(client: Client) {
  const handle = (project: string) => client.workflow.getHandle(deployId(project, environment));
  const status = (project: string) => handle(project).query<DeployStatus>(messages.status);
  const reached = (project: string, phase: Phase) =>
    eventually(`${project} reaches ${phase}`, async () => {
      const now = await status(project);
      if (now.phase === phase) return now;
      return now.outcome ? Promise.reject(new Error(`closed as ${now.outcome}`)) : null;
    });
  const report = (project: string) => handle(project).result() as Promise<DeployReport>;
  const aftermath = ({ deployId: id }: DeployReport) =>
    client.workflow.getHandle(`aftermath/${id}`).result() as Promise<AftermathReport>;
  return { handle, status, reached, report, aftermath };
}

export const shipOf = (fleet: Fleet, name: string): Ship => {
  const ship = fleet.ships.find((it) => it.name === name);
  if (!ship) throw new Error(`the fleet has no ${name}`);
  return ship;
};
