import { accessSync, constants, existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { besides, noIsolation } from '../../domain/messages/builds.ts';
import type { Words } from '../../domain/messages/builds.ts';
import { childEnvironment, inherited } from '../lib/child-environment.ts';
import { askChild } from '../lib/child.ts';
import type { ChildAnswer } from '../lib/child.ts';
import type { Builds } from '../../domain/config/builds.ts';
import { limited, showLimit } from './limits.ts';
import type { Manager } from './limits.ts';
import { bubblewrap } from './bubblewrap.ts';
import type { View } from './bubblewrap.ts';
import { askMemory, memoryOf } from './container.ts';
import type { Engine } from './container.ts';
import type { Scratch } from './job.ts';

/**
 * How jobs are isolated on this machine. 'missing': jobs cannot be isolated, so no job may run.
 * `why` is a text for people that ends with the remedy.
 */
export type Isolation =
  | { kind: 'bubblewrap'; view: View; version: string; memory: Manager }
  | { kind: 'container'; engine: Engine }
  | { kind: 'builder'; directory: string; at: Words }
  | { kind: 'none' }
  | { kind: 'missing'; why: string };

/**
 * The path of inside.mjs. A sandbox shows the file at this path, even if the file is in a system
 * directory.
 */
const insideFile = realpathSync(fileURLToPath(new URL('./inside.mjs', import.meta.url)));
const systemDirectories = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** The directories of package managers that install programs outside of /usr. */
const otherSystems = ['/nix/store', '/gnu/store'];

export type Try = (argv: readonly string[], timeoutMs?: number) => Promise<ChildAnswer>;
/** Facts about this machine. Tests replace them. */
export type Machine = { env: NodeJS.ProcessEnv; attempt: Try; hasSystemd: boolean };

export const thisMachine = (): Machine => ({
  env: process.env,
  attempt,
  hasSystemd: existsSync('/run/systemd/system'),
});

/** The variables that say where the bus of systemd and the container engines are. */
export const busVariables = ['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'];
export const engineVariables = [
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'],
  ...['CONTAINER_HOST', 'CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF', 'REGISTRY_AUTH_FILE'],
];

/** Runs a short command. Never rejects. */
const attempt: Try = async ([program = '', ...args], timeoutMs) => {
  const env = childEnvironment(inherited([...busVariables, ...engineVariables]));
  const answer = await askChild(program, args, { env, timeoutMs });
  return { ...answer, text: answer.text.trim() };
};

/** Chooses an isolation that works on this machine and that plimsoll.yaml allows. */
export async function choose(
  builds: Builds,
  scratch: Scratch,
  machine: Machine = thisMachine(),
): Promise<Isolation> {
  if (builds.isolation === 'none') return { kind: 'none' };
  const why: string[] = [];
  if (builds.isolation !== 'container') {
    const found = await withBubblewrap(builds, scratch, machine);
    if (typeof found !== 'string') return found;
    why.push(found);
  }
  if (builds.isolation !== 'bubblewrap') {
    const found = await withContainer(builds, machine);
    if (typeof found !== 'string') return found;
    why.push(found);
  }
  return { kind: 'missing', why: noIsolation(why) };
}

async function withBubblewrap(
  builds: Builds,
  scratch: Scratch,
  { env, attempt: run, hasSystemd }: Machine,
): Promise<Isolation | string> {
  if (process.platform !== 'linux') return besides.notLinux;
  const program = programIn(env, 'bwrap');
  if (program === null) return besides.noBubblewrap;
  const told = await run([program, '--version']);
  const version = /(\d+)\.(\d+)(?:\.\d+)?/.exec(told.text);
  if (!version) return besides.brokenBubblewrap(told.text);
  const [text, major = '0', minor = '0'] = version;
  const view = {
    program,
    disablesUserNamespaces: Number(major) > 0 || Number(minor) >= 8,
    system: systemOf(),
    inside: [realpathSync(process.execPath), insideFile],
    programs: [...programsOf(env), insideFile, ...builds.paths],
  };
  const job = {
    ...{
      argv: [...view.inside, '-', '0', '/bin/sh', '-c', ':'],
      cwd: '/',
      env: {},
      writable: [],
      timeoutMs: 0,
    },
    network: { kind: 'filtered', hosts: [] } as const,
  };
  const { code, text: said } = await run(bubblewrap(view, job, { ...scratch, socket: null }));
  if (code !== 0) return besides.brokenBubblewrap(said);
  const memory = hasSystemd ? await managerOf(run) : 'process';
  return { kind: 'bubblewrap', view, version: text, memory };
}

/** Returns the directories of the system. On most systems, /bin is a link to usr/bin. */
const systemOf = () =>
  [...systemDirectories, ...otherSystems].flatMap((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return [];
    return [{ path, link: found.isSymbolicLink() ? readlinkSync(path) : null }];
  });

/** Asks systemd for a cgroup with a memory limit, and checks that the limit is really there. */
async function managerOf(run: Try): Promise<Manager> {
  for (const manager of process.getuid?.() === 0 ? (['system'] as const) : (['user'] as const)) {
    const { code, text } = await run([...limited(manager, 64), ...showLimit]);
    if (code === 0 && text.endsWith(String(64 * 1024 * 1024))) return manager;
  }
  return 'process';
}

async function withContainer(
  { image, paths }: Builds,
  { env, attempt: run }: Machine,
): Promise<Isolation | string> {
  for (const program of ['podman', 'docker'] as const) {
    if (programIn(env, program) === null) continue;
    if (image === undefined) return besides.noImage(program);
    const { code, text } = await run(askMemory(program));
    if (code !== 0) return besides.brokenEngine(program, text);
    const user = { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 };
    const inside = ['node', insideFile];
    return {
      kind: 'container',
      engine: {
        ...{ program, image, inside, user, programs: [insideFile, ...paths] },
        memory: memoryOf(text),
      },
    };
  }
  return besides.noEngine;
}

/** Returns the path of a program, or null if it is in no directory of PATH. */
export function programIn(env: NodeJS.ProcessEnv, name: string): string | null {
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      if (directory !== '') return path;
    } catch {
      // The next directory of PATH may contain the program.
    }
  }
  return null;
}

/** Returns the directory of the npm that PATH finds, or null. */
export function npmOf(env: NodeJS.ProcessEnv): string | null {
  const npm = programIn(env, 'npm');
  if (npm === null) return null;
  const directory = dirname(dirname(realpathSync(npm)));
  return existsSync(join(directory, 'bin', 'npm-cli.js')) ? directory : null;
}

const isNotSystem = (path: string | undefined): path is string =>
  path !== undefined && !path.startsWith('/usr/');

/**
 * Returns the files of node, npm and the certificates, without those that are part of the system. A
 * sandbox shows only the file of node. It does not show the directory of this file, because the
 * directory may be a person's home directory.
 */
function programsOf(env: NodeJS.ProcessEnv): string[] {
  const npm = npmOf(env);
  const certificates = [env['NODE_EXTRA_CA_CERTS'], env['SSL_CERT_FILE']];
  const all = [realpathSync(process.execPath), ...(npm === null ? [] : [npm]), ...certificates];
  return all.filter((path) => path?.startsWith('/') && existsSync(path)).filter(isNotSystem);
}
