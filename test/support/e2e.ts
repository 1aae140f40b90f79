import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { deployId, messages } from '../../domain/messages.ts';
import type { AftermathReport, DeployReport, DeployStatus, Phase } from '../../domain/plan.ts';
import { plimsoll } from '../../sandbox/demo/processes.ts';
import type { Answer } from '../../sandbox/demo/processes.ts';
import { startFleet } from '../../sandbox/fleet.ts';
import type { Fleet, Ship, ShipSpec } from '../../sandbox/fleet.ts';
import { createServer, createWorkers } from './processes.ts';
import { createWitness } from './witness.ts';

export type Person = keyof Fleet['keys'];
export type StackOptions = {
  ships: ShipSpec[];
  /** 60: half an hour is thirty seconds. Kinds, rules and the judge's constants are those of production. */
  timeScale?: number;
  config?: Record<string, unknown>;
  /** Changes plimsoll.yaml before the worker reads it: what is known only once the hosts run. */
  edit?: (config: any, directory: string) => void;
  /** Added to the worker's environment. */
  workerEnv?: Record<string, string>;
  worker?: boolean;
};
export type Stack = Awaited<ReturnType<typeof startStack>>;

export const environment = 'production';
const patienceMs = 120_000;

/** Too slow a machine for enough looks, or a broken watch. */
export class Unproven extends Error {}

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
      if (cause instanceof Unproven) throw cause;
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
  const workers = createWorkers(options.workerEnv, { directory, fleet, address: server.address });
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
  const { address } = server;
  const people = createPeople(fleet, address);
  const base = { address, directory, client, fleet, server, workers, close };
  return Object.assign(base, people, createFollower(client), createWitness(fleet));
}

async function openFleet({ ships, timeScale = 60, config, edit }: StackOptions, directory: string) {
  const more = config ? { config } : {};
  const fleet = await startFleet({
    directory: join(directory, 'fleet'),
    ships,
    timeScale,
    ...more,
  });
  if (edit) await editConfig(fleet.configPath, (text) => edit(text, directory));
  return fleet;
}

export async function editConfig(path: string, edit: (config: any) => void, to = path) {
  const config = parse(await readFile(path, 'utf8'));
  edit(config);
  await writeFile(to, stringify(config));
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
  /** Its end; a watch that could prove nothing fails at once, with what it saw. */
  const report = async (project: string) => {
    await eventually(`${project} closes`, async () => {
      const { status: state } = await handle(project).describe();
      if (state.name !== 'RUNNING') return true;
      const { phase, watch } = await status(project);
      if (phase === 'ask') throw new Unproven(watch?.reasons.join('; '));
      return false;
    });
    return (await handle(project).result()) as DeployReport;
  };
  const aftermath = ({ deployId: id }: DeployReport) =>
    client.workflow.getHandle(`aftermath/${id}`).result() as Promise<AftermathReport>;
  return { handle, status, reached, report, aftermath };
}

export const shipOf = (fleet: Fleet, name: string): Ship => {
  const ship = fleet.ships.find((it) => it.name === name);
  if (!ship) throw new Error(`the fleet has no ${name}`);
  return ship;
};
