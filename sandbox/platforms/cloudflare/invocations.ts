/** The result of one request. The names are those of Cloudflare's analytics. */
export type Status = 'success' | 'scriptThrewException' | 'exceededResources';
export type Row = {
  minute: number;
  script: string;
  version: string;
  /** True if the request went to the address of a version, and not to production. */
  preview: boolean;
  status: Status;
  requests: number;
  errors: number;
};
export type Invocations = ReturnType<typeof createInvocations>;

type Options = {
  /** The delay in milliseconds until the analytics show a request. */
  lagMs: number;
  /** The length of one minute, in milliseconds. A sandbox with a time scale has shorter minutes. */
  minuteMs: number;
};

/** Counts the requests that the stand-in has served in each minute. */
export function createInvocations(options: Options) {
  const rows = new Map<string, Row>();
  const seen: { at: number; row: Omit<Row, 'minute' | 'requests' | 'errors'> }[] = [];
  const settings = { ...options };
  const settle = (now: number) => {
    while (seen[0] && seen[0].at <= now - settings.lagMs) {
      const { at, row } = seen.shift()!;
      const minute = Math.floor(at / settings.minuteMs) * settings.minuteMs;
      const key = [minute, row.script, row.version, row.preview, row.status].join(' ');
      const known = rows.get(key) ?? { ...row, minute, requests: 0, errors: 0 };
      known.requests += 1;
      if (row.status !== 'success') known.errors += 1;
      rows.set(key, known);
    }
  };
  return {
    add: (row: Omit<Row, 'minute' | 'requests' | 'errors'>, at = Date.now()) =>
      void seen.push({ at, row }),
    /** Returns the rows that the analytics show at `now`, oldest minute first. */
    rows: (now = Date.now()): Row[] => {
      settle(now);
      return [...rows.values()].toSorted((a, b) => a.minute - b.minute);
    },
    setLag: (lagMs: number) => void (settings.lagMs = lagMs),
  };
}
