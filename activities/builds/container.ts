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
};

const mostTasks = 4096;
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Returns the command that runs the job in a new container. The job sees the image as read-only,
 * `readable`, `writable`, its own home directory and its own /tmp. `name` is the name of the
 * container. The engine copies the variables from its own environment, so the command line contains
 * no value.
 */
export function container(
  engine: Engine,
  job: Pick<Job, 'argv' | 'cwd' | 'path' | 'readable' | 'writable' | 'network'>,
  env: object,
  { name, scratch, memoryMb }: { name: string; scratch: Scratch; memoryMb: number },
): string[] {
  const mount = (path: string, to = path, mode = 'rw') => ['--volume', `${path}:${to}:${mode}`];
  const read = [...engine.programs, ...(job.readable ?? [])];
  const { uid, gid } = engine.user;
  return [
    ...[engine.program, 'run', '--rm', '--name', name, '--pull', 'missing'],
    ...(engine.program === 'podman' && uid !== 0 ? ['--userns', 'keep-id'] : []),
    ...['--user', `${uid}:${gid}`, '--hostname', 'build'],
    ...['--network', job.network.kind === 'filtered' ? 'none' : 'host'],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['--memory', `${memoryMb}m`, '--memory-swap', `${memoryMb}m`],
    ...['--pids-limit', String(mostTasks), '--ulimit', 'core=0'],
    ...mount(scratch.tmp, '/tmp'),
    ...read.flatMap((path) => mount(path, path, 'ro')),
    ...[scratch.home, ...job.writable].flatMap((path) => mount(path)),
    ...(scratch.socket === null ? [] : mount(scratch.socket)),
    ...Object.keys(env).flatMap((variable) => ['--env', variable]),
    ...['--env', `PATH=${[...(job.path ?? []), usualPath].join(':')}`],
    ...['--env', `HOME=${scratch.home}`, '--env', 'TMPDIR=/tmp'],
    ...['--workdir', job.cwd, '--entrypoint', engine.inside[0] ?? 'node', engine.image],
    ...engine.inside.slice(1),
    ...[scratch.socket ?? '-', String(gatewayPort)],
    ...job.argv,
  ];
}
