import type { Ask } from './ask.ts';
import { followRuntimeLog } from './runtime-log.ts';
import type { RuntimeCounts, RuntimeWhere } from './runtime-log.ts';
import { RequestCounts } from './shapes/lists.ts';

type Window = {
  project: string;
  projectId: string;
  /** Id of the project's owner: a team (team_…) or a person's account. */
  account: string;
  from: Date;
  to: Date;
};

/** Every call throws the failures that the comment on `createVercel` lists. */
export type Signals = {
  /**
   * Reads the runtime log of the deployment until `end` aborts. Calls `tell` with the counts after
   * every row.
   */
  runtimeLog(
    where: RuntimeWhere,
    end: AbortSignal,
    tell?: (counts: RuntimeCounts) => void,
  ): Promise<RuntimeCounts>;
  /**
   * Returns the requests of the whole project; null = the Vercel plan or the project has no such
   * numbers.
   */
  requests(window: Window): Promise<{ all: number; failed: number } | null>;
};

export const createSignals = (ask: Ask): Signals => ({
  runtimeLog: (where, end, tell) => followRuntimeLog(ask, where, { end, tell }),
  async requests({ project, projectId, account, from, to }) {
    const what = `the requests of ${project}`;
    const body = {
      metric: 'vercel.request.count',
      scope: { type: 'project', ownerId: account, projectIds: [projectId] },
      aggregation: 'sum',
      groupBy: ['http_status'],
      granularity: { minutes: 1 },
      startTime: from.toISOString(),
      endTime: to.toISOString(),
      limit: 100,
    };
    const asked = { method: 'POST', path: '/v2/observability/query', body, what, project } as const;
    const found = await ask.jsonOr({ ...asked, effect: false }, RequestCounts, [402, 404]);
    if (!found) return null;
    const sum = (rows: { count: number }[]) => rows.reduce((total, { count }) => total + count, 0);
    const failed = found.summary.filter(({ status }) => status >= 500);
    return { all: sum(found.summary), failed: sum(failed) };
  },
});
