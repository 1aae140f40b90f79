/** What one look at a host said. */
export type HostFacts = {
  /** Release that `current` names, and the one in whose directory the main process runs. */
  current: string | null;
  running: string | null;
  unit: UnitFacts;
  /**
   * Status of the health URL asked on the host; '000' = no answer, null = not asked or nothing
   * to ask with.
   */
  health: string | null;
  /** Ports that the service listens on; read only when health was not 2xx. */
  listens: number[];
  /** Seconds since the main process started. */
  ageSeconds: number | null;
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

/** Key=value lines; a key that comes again is kept in order. */
export function readPairs(text: string): Map<string, string[]> {
  const pairs = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) pairs.set(key, [...(pairs.get(key) ?? []), value]);
  }
  return pairs;
}

export function readFacts(text: string): HostFacts {
  const pairs = readPairs(text);
  const one = (key: string) => pairs.get(key)?.at(-1) || null;
  const age = one('age');
  return {
    current: releaseOf(one('current')),
    running: releaseOf(one('cwd')),
    unit: readUnit(pairs),
    health: one('by') === 'none' ? null : one('health'),
    listens: [...new Set((pairs.get('listens') ?? []).map((hex) => Number.parseInt(hex, 16)))],
    ageSeconds: age === null ? null : Number(age),
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

const releaseOf = (path: string | null) =>
  /(?:^|\/)releases\/([0-9a-f]{40})$/.exec(path ?? '')?.[1] ?? null;
