import type { Handler, Reply } from '../../http.ts';
import { json, paged, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { page } from './shapes.ts';
import { ok, problem } from './site.ts';
import type { Site } from './site.ts';
import type { Project, Variable } from './state.ts';

type Environment = 'production' | 'preview';
export type Counted = { projectId: string; at: number; status: number; environment: Environment };

/** Counts the requests to the domains and to the deployments' own addresses, as Vercel does. */
export class Traffic {
  #counted: Counted[] = [];

  add(project: Project, status: number, environment: Environment) {
    this.#counted.push({ projectId: project.id, at: Date.now(), status, environment });
    if (this.#counted.length > 100_000) this.#counted = this.#counted.slice(50_000);
  }

  between(projectIds: readonly string[], from: number, to: number): Counted[] {
    return this.#counted.filter(
      ({ projectId, at }) => projectIds.includes(projectId) && at >= from && at < to,
    );
  }
}

type Query = {
  metric?: string;
  scope?: { type?: string; ownerId?: string; projectIds?: string[] };
  aggregation?: string;
  groupBy?: string[];
  filter?: string;
  granularity?: { minutes?: number; hours?: number; days?: number };
  startTime?: string;
  endTime?: string;
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const bucketOf = ({ granularity = {} }: Query) => {
  const { minutes = 0, hours = 0, days = 0 } = granularity;
  return minutes * minute + hours * hour + days * day;
};
const rangeOf = ({ startTime = '', endTime = '' }: Query) =>
  [Date.parse(startTime), Date.parse(endTime)] as const;

/**
 * Returns the smallest bucket that is allowed for a range of this length. Vercel's CLI enforces
 * this rule (commands/metrics/time-utils.ts). This stand-in enforces it too, because nobody knows
 * whether Vercel's server does.
 */
const leastBucket = (range: number) =>
  [
    [hour, minute],
    [12 * hour, 5 * minute],
    [3 * day, hour],
    [30 * day, 4 * hour],
  ].find(([longest = 0]) => range <= longest)?.[1] ?? day;

const filters: Record<string, Environment> = {
  "environment eq 'production'": 'production',
  "environment eq 'preview'": 'preview',
};

/**
 * The refusals for metrics. The answers come from the tests of Vercel's CLI
 * (test/unit/commands/metrics/query.test.ts).
 */
const refusals: Partial<Record<Site['metrics'], () => Reply>> = {
  'not in plan': () =>
    problem(
      402,
      'PAYMENT_REQUIRED',
      'This feature requires an Observability Plus subscription. Upgrade at https://vercel.com/dashboard/settings/billing',
    ),
  quota: () =>
    problem(
      402,
      'payment_required',
      'You have reached the daily observability metrics query limit for your team. Request a higher usage limit from your Vercel account team.',
    ),
  forbidden: () => ({ status: 403, body: { error: { code: 'FORBIDDEN' } } }),
  limited: () =>
    problem(
      429,
      'rate_limited',
      'Too many requests. Please wait and try again. If you need a higher limit, request one from your Vercel account team.',
    ),
  invalid: () => problem(400, 'BAD_REQUEST', 'Invalid query'),
};

const refuse = (site: Site, query: Query): Reply | undefined => {
  const told = refusals[site.metrics]?.();
  if (told) return told;
  const { metric, scope, groupBy, aggregation, filter } = query;
  const [from, to] = rangeOf(query);
  const valid =
    metric === 'vercel.request.count' &&
    aggregation === 'sum' &&
    scope?.type === 'project' &&
    scope.ownerId === site.team.id &&
    scope.projectIds?.length === 1 &&
    groupBy?.join() === 'http_status' &&
    (filter === undefined || filter in filters) &&
    to > from &&
    bucketOf(query) >= leastBucket(to - from);
  return valid ? undefined : refusals.invalid!();
};

const column = 'vercel_request_count_sum';

/**
 * Returns one row for each status. Under `cells missing`, also returns a row without a status and a
 * row without a count, as the types of Vercel's CLI allow.
 */
const rows = (counted: readonly Counted[], site: Site) => {
  const byStatus = [...Map.groupBy(counted, ({ status }) => status)];
  const found = byStatus.map(([status, some]) => ({
    http_status: String(status) as string | null,
    [column]: some.length as number | null,
  }));
  return site.metrics === 'cells missing'
    ? [...found, { http_status: null, [column]: 7 }, { http_status: '204', [column]: null }]
    : found;
};

const query = ({ call, site }: Request): Handler => {
  const input = (json(call) ?? {}) as Query;
  const answer = (all: Counted[]) => {
    const wanted = filters[input.filter ?? ''];
    const counted = all.filter(({ environment }) => wanted === undefined || environment === wanted);
    const bucket = bucketOf(input);
    const timed = [...Map.groupBy(counted, ({ at }) => Math.floor(at / bucket) * bucket)];
    const data = timed.flatMap(([at, some]) =>
      rows(some, site).map((row) => ({ timestamp: new Date(at).toISOString(), ...row })),
    );
    return ok({
      summary: rows(counted, site),
      ...(site.metrics === 'no buckets' ? {} : { data }),
      statistics: { bytesRead: 0, rowsRead: 0, dbTimeSeconds: 0 },
    });
  };
  const counts = () => site.traffic.between(input.scope?.projectIds ?? [], ...rangeOf(input));
  return {
    read: () => refuse(site, input) ?? answer(counts()),
    lie: () => refuse(site, input) ?? answer([]),
  };
};

/** Returns the shared variables in pages, newest first. */
const shared = (request: Request, variables: readonly Variable[]) => {
  if (request.site.plan === 'hobby')
    return problem(403, 'forbidden', 'Shared variables are not available on this plan.');
  const all = variables.map((variable, index) => ({ ...variable, createdAt: index + 1 }));
  const { items, more } = paged(request, all);
  return ok({
    data: items.map(({ id, key, target, createdAt }) => ({
      id,
      key,
      target,
      type: 'encrypted',
      created: new Date(createdAt).toISOString(),
      createdAt,
      decrypted: false,
      securityIssues: [],
    })),
    pagination: page(items, more),
  });
};

export const signalRoutes = (variables: readonly Variable[]): Route[] => [
  route('POST /v2/observability/query', 'observabilityData.read', query),
  route('GET /v1/env', 'sharedEnvVars.list', (request) => ({
    read: () => shared(request, variables),
    lie: () => shared(request, []),
  })),
];
