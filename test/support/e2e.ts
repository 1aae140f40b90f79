import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { deployId, messages } from '../../domain/deploy/wire.ts';
import type {
  AftermathReport,
  DeployReport,
  DeployStatus,
  Phase,
} from '../../domain/deploy/plan.ts';
import type { Answer } from '../../sandbox/fleet/processes.ts';
import { startFleet } from '../../sandbox/fleet/fleet.ts';
import type { Fleet, FleetProject, ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { runCli } from './cli.ts';
import { createServer, createWorkers } from './processes.ts';
import { createWitness } from './witness.ts';

export type Person = keyof Fleet['keys'];
export type StackOptions = {
  fleetProjects: ProjectSpec[];
  /**
   * Divides the times of a deploy: with 60, half an hour lasts 30 s. All rules and thresholds stay
   * the same.
   */
  timeScale?: number;
  config?: Record<string, unknown>;
  /** Changes plimsoll.yaml before the worker reads the file. At that time the hosts already run. */
  edit?: (config: any, directory: string) => void;
  /** Variables that are added to the worker's environment. */
  workerEnv?: Record<string, string>;
  worker?: boolean;
  /** Runs after the fleet has started and before the first worker starts. */
  before?: (fleet: Fleet, directory: string) => Promise<void> | void;
};
export type Stack = Awaited<ReturnType<typeof startStack>>;

export const environment = 'production';
/** The time limit of one wait. It is long, because a busy machine can be late. */
const timeLimitMs = 300_000;

/**
 * This error means that the watch was inconclusive: the machine was too slow for enough samples, or
 * the watch is broken.
 */
export class Unproven extends Error {}

/**
 * Calls `condition` until it returns a truthy value, and returns that value. If `condition` throws,
 * tries again, but throws `Unproven` at once. Throws an error after `ms` milliseconds.
 */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T> | T,
  ms = timeLimitMs,
): Promise<NonNullable<T>> {
  const end = Date.now() + ms;
  let last: unknown = 'the condition was never true';
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
  throw new Error(`this did not happen within ${ms / 1000} s: ${what}`, { cause: last });
}

/**
 * Starts a real Temporal server, a fleet, and a worker in a separate process. `close` ends all
 * three.
 */
export async function startStack(options: StackOptions) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-e2e-'));
  const dataFile = join(directory, 'temporal.db');
  const server = await createServer(dataFile);
  const fleet = await openFleet(options, directory);
  await options.before?.(fleet, directory);
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

async function openFleet(
  { fleetProjects, timeScale = 60, config, edit }: StackOptions,
  directory: string,
) {
  const more = config ? { config } : {};
  const fleet = await startFleet({
    directory: join(directory, 'fleet'),
    fleetProjects,
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
  /**
   * Runs a `plimsoll` command and keeps its output in `said`. The people know the public key of the
   * workers, so an approval fails if no worker sealed the plan.
   */
  const cli = async (args: string[], env: Record<string, string> = {}): Promise<Answer> => {
    const known = { PLIMSOLL_SEAL_PUBLIC: fleet.sealPublic };
    const answer = await runCli(address, args, { ...known, ...env });
    said.push(answer.stdout, answer.stderr);
    return answer;
  };
  const done = async (args: string[]) => {
    const answer = await cli(args);
    if (answer.code !== 0) throw new Error(`plimsoll ${args.join(' ')} failed: ${answer.stderr}`);
    return answer;
  };
  return {
    said,
    as,
    cli,
    deploy: (project: string, more: string[] = []) =>
      done(['deploy', project, environment, '--detach', ...more, ...as('casey')]),
    approve: (project: string, who: Person = 'morgan') =>
      done(['approve', project, environment, ...as(who), '--yes']),
  };
}

function createFollower(client: Client) {
  const handle = (project: string) => client.workflow.getHandle(deployId(project, environment));
  const status = (project: string) => handle(project).query<DeployStatus>(messages.status);
  const reached = (project: string, phase: Phase) =>
    eventually(`${project} reaches ${phase}`, async () => {
      const now = await status(project);
      if (now.phase === phase) return now;
      return now.outcome ? Promise.reject(new Error(`the deploy closed as ${now.outcome}`)) : null;
    });
  /** Waits for the end of the deploy. Throws `Unproven` at once if the watch is inconclusive. */
  const report = async (project: string) => {
    await eventually(`${project} closes`, async () => {
      const { status: state } = await handle(project).describe();
      if (state.name !== 'RUNNING') return true;
      const { phase, watch } = await status(project);
      if (phase === 'decision') throw new Unproven(watch?.reasons.join('; '));
      return false;
    });
    return (await handle(project).result()) as DeployReport;
  };
  const aftermath = ({ deployId: id }: DeployReport) =>
    client.workflow.getHandle(`aftermath/${id}`).result() as Promise<AftermathReport>;
  return { handle, status, reached, report, aftermath };
}

export const projectIn = (fleet: Fleet, name: string): FleetProject => {
  const fleetProject = fleet.fleetProjects.find((it) => it.name === name);
  if (!fleetProject) throw new Error(`the fleet has no project ${name}`);
  return fleetProject;
};
