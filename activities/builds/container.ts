import { gatewayPort } from './job.ts';
import type { Job, Scratch } from './job.ts';

/** A container engine of this machine, and the image with node and npm. */
export type Engine = {
  program: 'podman' | 'docker';
  image: string;
  /** The command that runs as the first process. See inside.mjs. */
  inside: readonly string[];
  /** Files and directories that every job may read. */
  programs: readonly string[];
  /** User and group of the worker's process. */
  user: { uid: number; gid: number };
  /**
   * 'container': all processes of a container share one memory limit. 'process': each process has
   * its own memory limit, because this user has no cgroup for a container.
   */
  memory: 'container' | 'process';
};

type How = {
  /** The name of the container. */
  name: string;
  scratch: Scratch;
  memoryMb: number;
  /** Variables that contain no secret. The command line contains their values. */
  plain: Readonly<Record<string, string>>;
};

const mostTasks = 4096;
/** The largest number of open files of one process. Ordinary users may usually set this limit. */
const mostFiles = 4096;
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Returns the command that runs the job in a new container. The job sees the image as read-only,
 * `readable`, `writable`, its own home directory and its own /tmp. The engine copies the variables
 * of `env` from its own environment, so the command line does not contain their values.
 */
export function container(
  engine: Engine,
  job: Pick<Job, 'argv' | 'cwd' | 'path' | 'readable' | 'writable' | 'network'>,
  env: object,
  { name, scratch, memoryMb, plain }: How,
): string[] {
  const mount = (path: string, to = path, mode = 'rw') => ['--volume', `${path}:${to}:${mode}`];
  const read = [...engine.programs, ...(job.readable ?? [])];
  const { uid, gid } = engine.user;
  const isPodman = engine.program === 'podman';
  return [
    ...[engine.program, 'run', '--rm', '--name', name, '--pull', 'missing'],
    ...(isPodman && uid !== 0 ? ['--userns', 'keep-id'] : []),
    // podman would give the proxies of this machine to the build.
    ...(isPodman ? ['--http-proxy=false'] : []),
    ...['--user', `${uid}:${gid}`, '--hostname', 'build'],
    ...['--network', job.network.kind === 'filtered' ? 'none' : 'host'],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...(engine.memory === 'container' ? together(memoryMb) : []),
    ...limits(memoryMb, engine.memory).flatMap((limit) => ['--ulimit', limit]),
    ...mount(scratch.tmp, '/tmp'),
    ...read.flatMap((path) => mount(path, path, 'ro')),
    ...[scratch.home, ...job.writable].flatMap((path) => mount(path)),
    ...(scratch.socket === null ? [] : mount(scratch.socket)),
    ...Object.keys(env).flatMap((variable) => ['--env', variable]),
    ...Object.entries(plain).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]),
    ...['--env', `PATH=${[...(job.path ?? []), usualPath].join(':')}`],
    ...['--env', `HOME=${scratch.home}`, '--env', 'TMPDIR=/tmp'],
    ...['--workdir', job.cwd, '--entrypoint', engine.inside[0] ?? 'node', engine.image],
    ...engine.inside.slice(1),
    ...[scratch.socket ?? '-', String(gatewayPort)],
    ...job.argv,
  ];
}

const together = (memoryMb: number) => [
  ...['--memory', `${memoryMb}m`, '--memory-swap', `${memoryMb}m`],
  ...['--pids-limit', String(mostTasks)],
];

/**
 * The limits of each process. Without the last two limits, podman sets higher limits. A worker
 * without CAP_SYS_RESOURCE may not set higher limits, and then no container starts.
 */
const limits = (memoryMb: number, memory: Engine['memory']) => [
  'core=0',
  ...(memory === 'process' ? [`data=${memoryMb * 1024 * 1024}`] : []),
  `nofile=${mostFiles}:${mostFiles}`,
  `nproc=${mostTasks}:${mostTasks}`,
];

/** Returns the command that ends the container at once. podman would wait 10 s for its processes. */
export const removal = ({ program }: Engine, name: string) => [
  ...[program, 'rm', '--force'],
  ...(program === 'podman' ? ['--time', '0'] : []),
  name,
];

/** Returns the command that asks the engine whether it can limit memory, see `memoryOf`. */
export const askMemory = (program: Engine['program']) => [
  ...[program, 'info', '--format'],
  program === 'podman' ? '{{.Host.CgroupControllers}}' : '{{.MemoryLimit}}',
];

/** Reads the answer to `askMemory`: "[cpu memory …]" of podman, or "true" of docker. */
export const memoryOf = (text: string): Engine['memory'] =>
  /^\[[^\]]*\bmemory\b|^true$/m.test(text) ? 'container' : 'process';
