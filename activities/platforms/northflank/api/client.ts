import type { z } from 'zod';
import { ask } from './ask.ts';
import type { Connection, Page, Question } from './ask.ts';
import type { Budget, Purpose } from './budget.ts';
import type { Asked, Place } from './failure.ts';
import { createLogCalls } from './logs.ts';
import type { LogCalls } from './logs.ts';
import { Deployment, Service } from './service.ts';
import type { DeploymentFact, ServiceFact } from './service.ts';
import * as shapes from './shapes.ts';
import type { BuildFact, ContainerFact, HealthCheckFact, PortFact } from './shapes.ts';

export type { Place } from './failure.ts';

/**
 * The calls about one service. Every call can throw a transient failure, and a final failure of
 * type 'misconfigured' or 'rejectedByPlatform'. A call that makes a change can also throw a failure
 * of type 'unknownOutcome'.
 */
export type Northflank = LogCalls & {
  service(): Promise<ServiceFact>;
  /**
   * Returns the builds, newest first. Reads at most `pages` pages of 100 builds, with one call per
   * page. `complete`: there are no older builds.
   */
  builds(pages?: number): Promise<{ builds: BuildFact[]; complete: boolean }>;
  build(id: string): Promise<BuildFact>;
  /**
   * Starts a build. Every call starts another build. `branch` is needed if the service only builds.
   */
  startBuild(commit: { sha: string; branch?: string }): Promise<BuildFact>;
  abortBuild(id: string): Promise<void>;
  /** Returns the deployment; null = the service deploys an external image, not a build. */
  deployment(): Promise<DeploymentFact | null>;
  /**
   * Deploys a build of the service `from`. After that, no newer build is deployed automatically.
   */
  pin(target: { from: string; buildId: string }): Promise<void>;
  ports(): Promise<PortFact[]>;
  healthChecks(): Promise<HealthCheckFact[]>;
  containers(): Promise<ContainerFact[]>;
  /**
   * Returns the sorted names of the variables, without values. Inherited names are included only if
   * the role of the token may read secrets.
   */
  variableNames(): Promise<string[]>;
};

type Deps = {
  api: string;
  token: string;
  /** Name of the environment variable with the token, for error texts. */
  variable: string;
  budget: Budget;
  /** Time limit of one call in milliseconds, from sending to the end of the answer. */
  timeoutMs?: number;
};
type Call<T> = Question & {
  what: string;
  schema: z.ZodType<T>;
  effect?: boolean;
  needs?: string;
  build?: string;
};
/** Sends one request about this service. `path` is relative to the service. */
export type Caller = <T>(call: Call<T>) => Promise<{ data: T; page: Page | null }>;

const mostPages = 5;
const read = 'Project > Services > General > Read';
const update = 'Project > Services > General > Update';

const rootOf = ({ team, project, service }: Place) =>
  ['/v1', ...(team ? ['teams', team] : []), ...['projects', project, 'services', service]]
    .map((part, at) => (at === 0 ? part : encodeURIComponent(part)))
    .join('/');

const at = (id: string) => `/build/${encodeURIComponent(id)}`;

/**
 * Makes the calls about a service, without retries. All calls of this worker with this token share
 * one `budget`.
 */
export const createNorthflank =
  ({ variable, timeoutMs = 15_000, ...deps }: Deps) =>
  (place: Place, purpose: Purpose = 'deploy'): Northflank => {
    const connection: Connection = { ...deps, purpose, timeoutMs };
    const name = `${place.project}/${place.service}`;
    const call: Caller = ({ what, path, effect = false, needs, build, ...rest }) => {
      const asked: Asked = {
        what: `${what} ${name}`,
        effect,
        needs: needs ?? (effect ? update : read),
        place,
        variable,
        ...(build === undefined ? {} : { build }),
      };
      return ask(connection, { ...rest, path: `${rootOf(place)}${path}`, asked });
    };
    return { ...buildCalls(call), ...rolloutCalls(call), ...createLogCalls(call) };
  };

/** Reads at most `most` pages of a list. `complete` = there are no more pages. */
async function listed<T>(call: Caller, { query, ...rest }: Call<T[]>, most: number) {
  const found: T[] = [];
  let cursor: string | undefined;
  for (let turn = 0; turn < most; turn += 1) {
    const paged = { ...query, per_page: '100', ...(cursor ? { cursor } : {}) };
    const { data, page } = await call({ ...rest, query: paged });
    found.push(...data);
    if (!page?.hasNextPage || !page.cursor) return { found, complete: true };
    cursor = page.cursor;
  }
  return { found, complete: false };
}

const get = { method: 'GET' } as const;
const post = { method: 'POST', effect: true } as const;

type BuildCalls = Pick<Northflank, 'builds' | 'build' | 'startBuild' | 'abortBuild'>;
const buildCalls = (call: Caller): BuildCalls => ({
  async builds(pages = mostPages) {
    const question = { ...get, what: 'the builds of', path: '/build', schema: shapes.Builds };
    const { found, complete } = await listed(call, question, pages);
    const age = ({ createdAt }: BuildFact) => createdAt ?? 0;
    return { builds: found.toSorted((one, other) => age(other) - age(one)), complete };
  },
  async build(id) {
    const what = `build ${id} of`;
    return (await call({ ...get, what, path: at(id), schema: shapes.Build, build: id })).data;
  },
  async startBuild(commit) {
    const what = `starting a build of ${commit.sha.slice(0, 7)} in`;
    const question = { ...post, what, path: '/build', body: commit, schema: shapes.Build };
    return (await call(question)).data;
  },
  async abortBuild(id) {
    const what = `aborting build ${id} of`;
    const question = { what, path: at(id), schema: shapes.Anything, effect: true, build: id };
    await call({ ...question, method: 'DELETE' });
  },
});

type RolloutCalls = Omit<Northflank, keyof BuildCalls | keyof LogCalls>;
const rolloutCalls = (call: Caller): RolloutCalls => {
  const one = async <T>(what: string, path: string, schema: z.ZodType<T>, needs?: string) =>
    (await call({ ...get, what, path, schema, ...(needs ? { needs } : {}) })).data;
  return {
    service: () => one('the service', '', Service),
    deployment: () => one('the deployment of', '/deployment', Deployment),
    ports: () => one('the ports of', '/ports', shapes.Ports),
    healthChecks: () => one('the health checks of', '/health-checks', shapes.HealthChecks),
    variableNames: () =>
      one(
        'the names of the variables of',
        '/runtime-environment',
        shapes.VariableNames,
        'Project > Secrets > Services > Read',
      ),
    async containers() {
      const question = { ...get, what: 'the containers of', path: '/containers' };
      return (await listed(call, { ...question, schema: shapes.Containers }, mostPages)).found;
    },
    async pin({ from, buildId }) {
      const what = `the deploy of build ${buildId} to`;
      const body = { internal: { id: from, buildId } };
      await call({ ...post, what, path: '/deployment', body, schema: shapes.Anything });
    },
  };
};
