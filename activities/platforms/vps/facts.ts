import type { PortFacts, PortOwner } from '../../../domain/platforms/vps/port-owners.ts';

/** The facts about a host from one read. */
export type HostFacts = {
  /**
   * `current` is the commit of the installed release. `running` is the commit from which the main
   * process was started. null means that the commit is unknown, or that the release does not come
   * from Plimsoll.
   */
  current: string | null;
  running: string | null;
  /** Name of the tree of the installed release: SHA, or SHA-fingerprint. */
  tree: string | null;
  /**
   * Describes the live files if they are not a release of Plimsoll. `path` is the path of these
   * files. If the path is unknown, `path` is the name of the service. `sha` is the commit of the
   * files, or null if the commit is unknown.
   */
  foreign: { path: string; sha: string | null } | null;
  /** The free space for the directory, in MB. null means that the free space could not be read. */
  freeMb: number | null;
  canLock: boolean;
  unit: UnitFacts;
  /**
   * The HTTP status of the health URL, requested on the host. '000' means that there was no answer.
   * null means that nothing was requested, or that the host has no program that can send the
   * request.
   */
  health: string | null;
  /**
   * Ports on which the service listens. The list is empty if the health status is 2xx, because then
   * the ports are not read.
   */
  listens: number[];
  /** The processes that listen on the ports of the service. */
  ports: PortFacts;
  /** The seconds since the start of the main process. null means that the time is unknown. */
  ageSeconds: number | null;
  /** The clock of the host, in epoch milliseconds. null means that the time is unknown. */
  clockMs: number | null;
};

export type UnitFacts = {
  found: boolean;
  active: string;
  sub: string;
  mainPid: number;
  restarts: number;
  invocationId: string | null;
  result: string;
  exitStatus: string;
};

/** Parses key=value lines. A key may have several values, in order. */
export function readPairs(text: string): Map<string, string[]> {
  const pairs = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^([A-Za-z]+)=([^]*)$/.exec(line) ?? [];
    if (key !== undefined) pairs.set(key, [...(pairs.get(key) ?? []), value]);
  }
  return pairs;
}

export function readFacts(text: string): HostFacts {
  const pairs = readPairs(text);
  const one = (key: string) => pairs.get(key)?.at(-1) || null;
  const age = one('age');
  const clock = one('clock');
  const path = one('foreign');
  const free = one('free');
  const foreignSha = /^[0-9a-f]{40}$/.exec(one('foreignsha') ?? '')?.[0] ?? null;
  return {
    current: shaOf(one('current')),
    running: shaOf(one('cwd')),
    tree: treeOf(one('current')),
    foreign: path === null ? null : { path, sha: foreignSha },
    freeMb: free === null ? null : Number(free),
    canLock: one('lock') === 'yes',
    unit: readUnit(pairs),
    health: one('by') === 'none' ? null : one('health'),
    listens: [...new Set((pairs.get('listens') ?? []).map((hex) => Number.parseInt(hex, 16)))],
    ports: readPorts(pairs),
    ageSeconds: age === null ? null : Number(age),
    clockMs: clock === null ? null : Number(clock) * 1000,
  };
}

function readPorts(pairs: Map<string, string[]>): PortFacts {
  const healthPort = pairs.get('port')?.at(-1);
  return {
    healthPort: healthPort ? Number(healthPort) : null,
    owners: (pairs.get('owner') ?? []).map(readOwner),
    hidden: (pairs.get('hidden') ?? []).map(Number),
  };
}

/**
 * Parses a line of fields with tabs between them: port, pid, "yes" if the process belongs to the
 * service, invocation id, control group, directory and command.
 */
function readOwner(line: string): PortOwner {
  const [port, pid, kin, invocation, group, cwd, command] = line.split('\t');
  return {
    port: Number(port),
    pid: Number(pid),
    kin: kin === 'yes',
    invocation: invocation || null,
    group: group || null,
    sha: /\/releases\/([0-9a-f]{40})(?![0-9a-f])/.exec(cwd ?? '')?.[1] ?? null,
    command: command || 'unknown',
  };
}

export function readUnit(pairs: Map<string, string[]>): UnitFacts {
  const one = (key: string) => pairs.get(key)?.at(-1) ?? '';
  return {
    found: one('LoadState') === 'loaded',
    active: one('ActiveState'),
    sub: one('SubState'),
    mainPid: Number(one('MainPID')),
    restarts: Number(one('NRestarts')),
    invocationId: one('InvocationID') || null,
    result: one('Result'),
    exitStatus: one('ExecMainStatus'),
  };
}

const treeOf = (path: string | null) =>
  /(?:^|\/)releases\/([0-9a-f]{40}(?:-[0-9a-f]{8})?)$/.exec(path ?? '')?.[1] ?? null;
const shaOf = (path: string | null) => treeOf(path)?.slice(0, 40) ?? null;
