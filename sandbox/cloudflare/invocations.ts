/** What one request came to, as Cloudflare's analytics name it. */
export type Status = 'success' | 'scriptThrewException' | 'exceededResources';
export type Row = {
  minute: number;
  script: string;
  version: string;
  status: Status;
  requests: number;
  errors: number;
};
export type Invocations = ReturnType<typeof createInvocations>;

type Options = {
  /** How long a request stays unseen. */
  lagMs: number;
  /** A minute, shorter where a sandbox's time runs faster. */
  minuteMs: number;
};

/** Every request that was really served, summed by minute. */
export function createInvocations(options: Options) {
  const rows = new Map<string, Row>();
  const seen: { at: number; row: Omit<Row, 'minute' | 'requests' | 'errors'> }[] = [];
  const settings = { ...options };
  const settle = (now: number) => {
    while (seen[0] && seen[0].at <= now - settings.lagMs) {
      const { at, row } = seen.shift()!;
      const minute = Math.floor(at / settings.minuteMs) * settings.minuteMs;
      const key = [minute, row.script, row.version, row.status].join(' ');
      const known = rows.get(key) ?? { ...row, minute, requests: 0, errors: 0 };
      known.requests += 1;
      if (row.status !== 'success') known.errors += 1;
      rows.set(key, known);
    }
  };
  return {
    add: (script: string, version: string, status: Status, at = Date.now()) =>
      void seen.push({ at, row: { script, version, status } }),
    /** What the analytics know by now, oldest minute first. */
    rows: (now = Date.now()): Row[] => {
      settle(now);
      return [...rows.values()].toSorted((a, b) => a.minute - b.minute);
    },
    setLag: (lagMs: number) => void (settings.lagMs = lagMs),
  };
}
