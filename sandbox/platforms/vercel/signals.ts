import type { Handler } from '../../http.ts';
import { badRequest, json, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { notFound, ok, problem } from './site.ts';
import type { Site } from './site.ts';
import type { Project, Variable } from './state.ts';

export type Counted = { projectId: string; at: number; status: number };

/** Counts the requests to the production domains, as the analytics do. */
export class Traffic {
  #counted: Counted[] = [];

  add(project: Project, status: number) {
    this.#counted.push({ projectId: project.id, at: Date.now(), status });
    if (this.#counted.length > 100_000) this.#counted = this.#counted.slice(50_000);
  }

  between(projectIds: readonly string[], from: number, to: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { projectId, at, status } of this.#counted)
      if (projectIds.includes(projectId) && at >= from && at < to)
        counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }
}

type Query = {
  metric?: string;
  scope?: { type?: string; ownerId?: string; projectIds?: string[] };
  groupBy?: string[];
  startTime?: string;
  endTime?: string;
};

const refuse = (site: Site, { metric, scope, groupBy }: Query) => {
  if (!site.observability)
    return problem(402, 'payment_required', 'Observability Plus is not enabled for this team.');
  if (metric !== 'vercel.request.count') return notFound('Metric');
  if (scope?.ownerId !== site.team.id || !scope.projectIds) return badRequest('Invalid `scope`.');
  return groupBy?.join() === 'http_status' ? undefined : badRequest('Invalid `groupBy`.');
};

const query = ({ call, site }: Request, traffic: Traffic): Handler => {
  const input = (json(call) ?? {}) as Query;
  const { startTime = '', endTime = '', scope } = input;
  const answer = (counts: Map<number, number>) =>
    ok({
      query: { ...input, rollups: { vercel_request_count_sum: { measure: 'count' } } },
      summary: [...counts].map(([status, count]) => ({
        http_status: String(status),
        vercel_request_count_sum: count,
      })),
      data: [],
      statistics: { bytesRead: 0, rowsRead: 0, dbTimeSeconds: 0 },
    });
  const counts = () =>
    traffic.between(scope?.projectIds ?? [], Date.parse(startTime), Date.parse(endTime));
  return {
    look: () => refuse(site, input) ?? answer(counts()),
    lie: () => refuse(site, input) ?? answer(new Map()),
  };
};

const shared = ({ site }: Request, variables: readonly Variable[]) =>
  site.plan === 'hobby'
    ? problem(403, 'forbidden', 'Shared variables are not available on this plan.')
    : ok({
        data: variables.map(({ id, key, target }) => ({
          id,
          key,
          target,
          type: 'encrypted',
          created: new Date(0).toISOString(),
          decrypted: false,
          securityIssues: [],
        })),
        pagination: { count: variables.length, next: null, prev: null },
      });

export const signalRoutes = (traffic: Traffic, variables: readonly Variable[]): Route[] => [
  route('POST /v2/observability/query', (request) => query(request, traffic)),
  route('GET /v1/env', (request) => ({
    look: () => shared(request, variables),
    lie: () => shared(request, []),
  })),
];
