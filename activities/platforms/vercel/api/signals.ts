import { granularityFor } from '../../../../domain/platforms/vercel/granularity.ts';
import type { Ask } from './ask.ts';
import type { Refusal } from './failure.ts';
import { followRuntimeLog } from './runtime-log.ts';
import type { RuntimeCounts, RuntimeWhere } from './runtime-log.ts';
import { RequestCounts } from './shapes/metrics.ts';
import type { Count } from './shapes/metrics.ts';

export type Window = {
  project: string;
  projectId: string;
  /** Id of the project's owner: a team (team_…) or a person's account. */
  account: string;
  from: Date;
  to: Date;
};
export type Requests = { all: number; failed: number };
/**
 * `total` counts the requests in the whole time range. It is null if some numbers are missing.
 * `buckets` counts the requests of each bucket. The key is the start of the bucket in epoch
 * milliseconds. A bucket without requests may be absent. `buckets` is null if Vercel sent no
 * buckets, or if some numbers are missing.
 */
export type Metrics = {
  total: Requests | null;
  buckets: Map<number, Requests> | null;
};

/** Every call throws the failures that the comment on `createVercel` lists. */
export type Signals = {
  /**
   * Reads the runtime log of the deployment until `end` aborts. Calls `onCounts` with the counts after
   * every row.
   */
  runtimeLog(
    where: RuntimeWhere,
    end: AbortSignal,
    onCounts?: (counts: RuntimeCounts) => void,
  ): Promise<RuntimeCounts>;
  /**
   * Returns the requests to production, or the refusal. Vercel refuses if the plan does not include
   * metrics, if the token may not read metrics, or if the query is not accepted.
   */
  metrics(window: Window): Promise<Metrics | Refusal>;
};

/** The filter for production, as in Vercel's CLI (commands/metrics/query.ts). */
const production = "environment eq 'production'";

export const createSignals = (ask: Ask): Signals => ({
  runtimeLog: (where, end, onCounts) => followRuntimeLog(ask, where, { end, onCounts }),
  async metrics({ project, projectId, account, from, to }) {
    const what = `the requests of ${project}`;
    const body = {
      metric: 'vercel.request.count',
      scope: { type: 'project', ownerId: account, projectIds: [projectId] },
      aggregation: 'sum',
      groupBy: ['http_status'],
      filter: production,
      granularity: granularityFor(to.getTime() - from.getTime()),
      startTime: from.toISOString(),
      endTime: to.toISOString(),
      limit: 100,
    };
    const asked = { method: 'POST', path: '/v2/observability/query', body, what, project } as const;
    const found = await ask.jsonOrRefusal({ ...asked, effect: false }, RequestCounts);
    if ('refused' in found) return found;
    return { total: totalOf(found.summary), buckets: found.data ? bucketsOf(found.data) : null };
  },
});

const isFailure = ({ status }: Count) => status !== null && status >= 500;

/**
 * Adds up the requests. Does not count requests without a status, because nobody knows whether they
 * failed. Returns null if the number of failed requests is missing. Any other missing number counts
 * as 0. This can only make the share of failed requests larger.
 */
function totalOf(counts: readonly Count[]): Requests | null {
  if (counts.some((one) => isFailure(one) && one.count === null)) return null;
  const sum = (some: readonly Count[]) =>
    some.reduce((total, { count }) => total + (count ?? 0), 0);
  const known = counts.filter(({ status }) => status !== null);
  return { all: sum(known), failed: sum(known.filter(isFailure)) };
}

function bucketsOf(rows: readonly (Count & { at: number })[]): Metrics['buckets'] {
  const buckets = new Map<number, Requests>();
  for (const [at, some] of Map.groupBy(rows, (row) => row.at)) {
    const total = totalOf(some);
    if (!total || !Number.isFinite(at)) return null;
    buckets.set(at, total);
  }
  return buckets;
}
