import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Builds } from '../../domain/config/builds.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { refusedHosts } from '../../domain/messages/builds.ts';
import { final } from '../lib/fail.ts';
import { runProcess } from '../lib/process.ts';
import type { RunResult } from '../lib/process.ts';
import { atBuilder } from './at-builder.ts';
import { bubblewrap } from './bubblewrap.ts';
import { busVariables, choose, engineVariables, npmOf, thisMachine } from './choose.ts';
import type { Isolation, Machine } from './choose.ts';
import { container, removal } from './container.ts';
import type { Engine } from './container.ts';
import { openGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import { gatewayPort } from './job.ts';
import type { Job, Scratch } from './job.ts';
import { limited } from './limits.ts';

/**
 * Runs commands that handle files of a commit. The commands are isolated from everything else on
 * this machine.
 */
export type Builder = {
  /**
   * The directory that this worker shares with a builder process. Every path of a job must be in
   * this directory. The builder process may change files there at any time. If `shared` is absent,
   * jobs run on this machine.
   */
  shared?: string;
  /** Returns how jobs are isolated on this machine. */
  isolation(): Promise<Isolation>;
  /**
   * Runs one job. Returns every exit code, as `runProcess` does. When the result is there, all
   * processes of the job have ended. With `isolation: none`, some of them may still run. Throws a
   * final failure of type 'misconfigured' if jobs cannot be isolated on this machine.
   */
  run(job: Job): Promise<RunResult>;
};

/**
 * Makes the builder of a worker. The builder stores the isolation that it found. If it found none,
 * it searches again at the next job. So a person can install bubblewrap without a restart of the
 * worker.
 */
export function createBuilder(builds: Builds, machine: Machine = thisMachine()): Builder {
  if (builds.isolation === 'builder')
    return atBuilder(builds, builds.directory ?? '/', (job) =>
      withScratch(machine, (scratch) => runPlain(job, { machine, scratch })),
    );
  let known: Promise<Isolation> | undefined;
  const isolation = async () => {
    known ??= withScratch(machine, (scratch) => choose(builds, scratch, machine));
    const found = await known;
    if (found.kind === 'missing') known = undefined;
    return found;
  };
  return {
    isolation,
    async run(job) {
      const how = await isolation();
      if (how.kind === 'missing') throw final(failures.misconfigured, how.why);
      return withScratch(machine, (scratch) =>
        how.kind === 'bubblewrap' || how.kind === 'container'
          ? runIsolated(how, { builds, machine, job, scratch })
          : runPlain(job, { machine, scratch }),
      );
    },
  };
}

type Running = { builds: Builds; machine: Machine; job: Job; scratch: Scratch };
type Isolated = Extract<Isolation, { kind: 'bubblewrap' | 'container' }>;

async function runIsolated(how: Isolated, { builds, machine, job, ...running }: Running) {
  const filtered = job.network.kind === 'filtered';
  const scratch = { ...running.scratch, ...(filtered ? {} : { socket: null }) };
  const gateway = await gatewayFor({ builds, machine, job, scratch });
  const proxy = proxied(job, machine);
  const name = `plimsoll-build-${randomUUID()}`;
  const { memoryMb } = builds;
  const argv =
    how.kind === 'bubblewrap'
      ? [...limited(how.memory, memoryMb), ...bubblewrap(how.view, job, scratch)]
      : inContainer(how.engine, { job, proxy, filtered }, { name, scratch, memoryMb });
  const { timeoutMs, signal } = job;
  try {
    const result = await runProcess(argv, {
      ...{ cwd: '/', timeoutMs, signal },
      env: { ...job.env, ...proxy, ...outerOf(how, { machine, job, scratch }) },
    });
    const refused = result.code === 0 ? [] : (gateway?.refused() ?? []);
    return { ...result, output: result.output + refusedHosts(refused) };
  } finally {
    // The engine may still run the container after its command was stopped.
    if (how.kind === 'container') await machine.attempt(removal(how.engine, name), 60_000);
    await gateway?.close();
  }
}

type InContainer = { job: Job; proxy: Record<string, string>; filtered: boolean };

/**
 * The engine itself pulls the image through the proxy of this machine. So the address of the gateway
 * must not be in the engine's own environment.
 */
const inContainer = (
  engine: Engine,
  { job, proxy, filtered }: InContainer,
  how: Omit<Parameters<typeof container>[3], 'plain'>,
) =>
  filtered
    ? container(engine, job, job.env, { ...how, plain: proxy })
    : container(engine, job, { ...job.env, ...proxy }, { ...how, plain: {} });

/**
 * Runs the job without isolation. There are two cases: plimsoll.yaml says `isolation: none`, or the
 * job runs no code of a commit and the worker has no isolation of its own.
 */
async function runPlain(job: Job, { machine, scratch }: Pick<Running, 'machine' | 'scratch'>) {
  const { argv, cwd, timeoutMs, signal } = job;
  const env = {
    ...{ ...job.env, ...chosen(machine, proxyNames), HOME: scratch.home, TMPDIR: scratch.tmp },
    PATH: pathOf(job, scratch, machine),
  };
  return runProcess([...argv], { cwd, env, timeoutMs, signal });
}

const proxyNames = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
  ...['http_proxy', 'https_proxy', 'no_proxy'],
];

function chosen({ env }: Machine, names: readonly string[]): Record<string, string> {
  const pairs = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return Object.fromEntries(pairs);
}

const pathOf = ({ path = [] }: Job, { bin }: Scratch, { env }: Machine) =>
  [...path, bin, env['PATH'] ?? '/usr/bin:/bin'].join(delimiter);

/**
 * Returns further variables for the command that starts the isolation. bubblewrap passes these
 * variables on to the job, except the address of the bus, which only systemd-run needs. The command
 * of a container engine gets the variables of the worker that contain the address of the engine.
 * The engine passes none of them on to the job.
 */
function outerOf(how: Isolated, { machine, job, scratch }: Omit<Running, 'builds'>) {
  if (how.kind === 'container')
    return chosen(machine, [
      ...['PATH', 'HOME', 'TMPDIR', ...busVariables, ...engineVariables, ...proxyNames],
    ]);
  const own = { HOME: scratch.home, TMPDIR: '/tmp', PATH: pathOf(job, scratch, machine) };
  return { ...own, ...(how.memory === 'user' ? chosen(machine, busVariables) : {}) };
}

/** Returns the variables with which programs find the gateway, or the proxy of this machine. */
function proxied({ network }: Job, machine: Machine): Record<string, string> {
  if (network.kind === 'whole') return chosen(machine, proxyNames);
  const proxy = `http://127.0.0.1:${gatewayPort}`;
  const loops = network.hosts.some((host) => /^(?:127\.|localhost:)/.test(host));
  const direct = loops ? '' : 'localhost,127.0.0.1,::1';
  return {
    ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
    ...{ NO_PROXY: direct, no_proxy: direct },
  };
}

async function gatewayFor({ builds, machine, job, scratch }: Running): Promise<Gateway | null> {
  if (job.network.kind === 'whole' || scratch.socket === null) return null;
  const given = chosen(machine, ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']);
  const proxy = Object.values(given).find((value) => URL.canParse(value));
  return openGateway({
    socket: scratch.socket,
    hosts: [...builds.hosts, ...job.network.hosts],
    upstream: proxy === undefined ? null : new URL(proxy),
  });
}

async function withScratch<T>(
  { env }: Machine,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-build-')));
  const home = join(root, 'home');
  const tmp = join(root, 'tmp');
  const bin = join(root, 'bin');
  try {
    for (const path of [home, tmp, bin]) await mkdir(path);
    await writeFile(join(root, 'passwd'), `build:x:1000:1000::${home}:/bin/sh\n`);
    await writeFile(join(root, 'group'), 'build:x:1000:\n');
    await symlink(await realpath(process.execPath), join(bin, 'node'));
    const npm = npmOf(env);
    for (const name of npm === null ? [] : ['npm', 'npx'])
      await symlink(join(npm ?? '', 'bin', `${name}-cli.js`), join(bin, name));
    return await work({ root, home, tmp, bin, socket: join(root, 'gateway.sock') });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
