import type { z } from 'zod';
import { cannot } from '../../../lib/vendor-failure.ts';
import { ask } from './ask.ts';
import type { Connection, Page } from './ask.ts';
import type { Budget, Purpose } from './budget.ts';
import { orAbsent } from './failure.ts';
import type { Asked, Place } from './failure.ts';
import { createLogCalls } from './logs.ts';
import type { LogCalls } from './logs.ts';
import { calls } from './calls.ts';
import type { CallName } from './calls.ts';
import { Deployment, Service } from './service.ts';
import type { DeploymentFact, ServiceFact } from './service.ts';
import * as shapes from './shapes.ts';
import type { BuildFact, ContainerFact, GradualRolloutFact, HealthCheckFact } from './shapes.ts';

export type { Place } from './failure.ts';

type Pin = {
  /** The service whose build is deployed. */
  from: string;
  buildId: string;
  /** The service to which the build is deployed. The caller has just read these facts. */
  service: Pick<ServiceFact, 'kind' | 'instances'>;
};

/**
 * The calls about one service. Every call can throw a transient failure, and a final failure of
 * type 'misconfigured' or 'rejectedByPlatform'. A call that makes a change can also throw a failure
 * of type 'unknownOutcome'.
 */
export type Northflank = LogCalls & {
  service(): Promise<ServiceFact>;
  /**
   * Returns the builds, newest first. Reads at most `pages` pages of 100 builds, with one call per
   * page. `complete` is true if there are no older builds.
   */
  builds(pages?: number): Promise<{ builds: BuildFact[]; complete: boolean }>;
  build(id: string): Promise<BuildFact>;
  /**
   * Starts a build. Every call starts another build. A service that only builds needs `branch`.
   */
  startBuild(commit: { sha: string; branch?: string }): Promise<BuildFact>;
  abortBuild(id: string): Promise<void>;
  /** Returns the deployment, or null if the service deploys an external image, not a build. */
  deployment(): Promise<DeploymentFact | null>;
  /**
   * Deploys a build of the service `from`. Northflank then deploys no newer build automatically.
   */
  pin(target: Pin): Promise<void>;
  /**
   * Returns the health checks of the service. Call this only if `service()` returns no health
   * checks. If Northflank has removed this deprecated call, the result is empty.
   */
  healthChecks(): Promise<HealthCheckFact[]>;
  containers(): Promise<ContainerFact[]>;
  /** Returns the active gradual rollout, or null. */
  gradualRollout(): Promise<GradualRolloutFact | null>;
  /**
   * Returns the sorted names of the variables, without values. Inherited names are in the list only
   * if the role of the token may read secrets. Returns null if Northflank has removed this
   * deprecated call.
   */
  variableNames(): Promise<string[] | null>;
  /**
   * Returns the ids of the token's permissions in projects, or null if Northflank does not show
   * them.
   */
  shownPermissions(): Promise<string[] | null>;
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
type Call<T> = {
  call: CallName;
  /** The requested object, for error texts: "the builds of". */
  what: string;
  schema: z.ZodType<T>;
  query?: Record<string, string>;
  body?: unknown;
  /** Id of the build in the path. */
  build?: string;
  /** See `Asked`. */
  removed?: string;
};
/** Sends one request about this service. The method, path and permission are in `calls`. */
export type Caller = <T>(call: Call<T>) => Promise<{ data: T; page: Page | null }>;

const mostPages = 5;

const encoded = (...parts: string[]) => parts.map(encodeURIComponent).join('/');

function pathOf(name: CallName, { team, project, service }: Place, build = ''): string {
  const { path } = calls[name];
  const inProject = `/v1/${encoded(...(team ? ['teams', team] : []), 'projects', project)}`;
  const whole = path.startsWith('services/') ? `/${path}` : `/services/{service}${path}`;
  const filled = whole
    .replace('{service}', encodeURIComponent(service))
    .replace('{build}', encodeURIComponent(build));
  return `${inProject}${filled}`;
}

/**
 * Makes the calls about a service, without retries. All calls of this worker with this token share
 * one `budget`.
 */
export const createNorthflank =
  ({ variable, timeoutMs = 15_000, ...deps }: Deps) =>
  (place: Place, purpose: Purpose = 'deploy'): Northflank => {
    const connection: Connection = { ...deps, purpose, timeoutMs };
    const name = `${place.project}/${place.service}`;
    const call: Caller = ({ call: asked, what, build, removed, ...rest }) => {
      const { method, permission } = calls[asked];
      const about: Asked = {
        what: `${what} ${name}`,
        effect: method !== 'GET',
        needs: permission,
        place,
        variable,
        ...(build === undefined ? {} : { build }),
        ...(removed === undefined ? {} : { removed }),
      };
      return ask(connection, { ...rest, method, path: pathOf(asked, place, build), asked: about });
    };
    return {
      ...buildCalls(call),
      ...rolloutCalls(call, name),
      ...deployCalls(call, name),
      ...createLogCalls(call),
      shownPermissions: () => shownPermissions(connection, { place, variable }),
    };
  };

/** Reads at most `most` pages of a list. `complete` is true if there are no more pages. */
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

type BuildCalls = Pick<Northflank, 'builds' | 'build' | 'startBuild' | 'abortBuild'>;
const buildCalls = (call: Caller): BuildCalls => ({
  async builds(pages = mostPages) {
    const question = { call: 'builds', what: 'the builds of', schema: shapes.Builds } as const;
    const { found, complete } = await listed(call, question, pages);
    const age = ({ createdAt }: BuildFact) => createdAt ?? 0;
    return { builds: found.toSorted((one, other) => age(other) - age(one)), complete };
  },
  async build(id) {
    const what = `build ${id} of`;
    return (await call({ call: 'build', what, schema: shapes.Build, build: id })).data;
  },
  async startBuild(commit) {
    const what = `starting a build of ${commit.sha.slice(0, 7)} in`;
    const question = { call: 'startBuild', what, body: commit, schema: shapes.Build } as const;
    return (await call(question)).data;
  },
  async abortBuild(id) {
    const what = `aborting build ${id} of`;
    await call({ call: 'abortBuild', what, schema: shapes.Anything, build: id });
  },
});

type RolloutCalls = Pick<
  Northflank,
  'service' | 'healthChecks' | 'variableNames' | 'gradualRollout' | 'containers'
>;
const rolloutCalls = (call: Caller, name: string): RolloutCalls => {
  const one = async <T>(asked: CallName, what: string, schema: z.ZodType<T>) =>
    (await call({ call: asked, what, schema })).data;
  return {
    service: () => one('service', 'the service', Service),
    healthChecks: async () =>
      (await orAbsent(one('healthChecks', 'the health checks of', shapes.HealthChecks))) ?? [],
    variableNames: () =>
      orAbsent(one('variables', 'the names of the variables of', shapes.VariableNames)),
    // 404 means that there is no active rollout, or that the API has no gradual rollouts.
    async gradualRollout() {
      const question = { call: 'gradualRollout', what: 'the gradual rollout of' } as const;
      const removed = unknownRollout(name);
      const schema = shapes.GradualRollout;
      return await orAbsent(call({ ...question, removed, schema }).then(({ data }) => data));
    },
    async containers() {
      const question = { call: 'containers', what: 'the containers of' } as const;
      return (await listed(call, { ...question, schema: shapes.Containers }, mostPages)).found;
    },
  };
};

type DeployCalls = Pick<Northflank, 'deployment' | 'pin'>;
const deployCalls = (call: Caller, name: string): DeployCalls => ({
  /**
   * Returns the deployment. Only the deprecated call always names the deployed build. If Northflank
   * has removed the deprecated call, the answer about the service is used.
   */
  async deployment() {
    const what = 'the deployment of';
    const own = call({ call: 'deployment', what, schema: Deployment });
    const shown = await orAbsent(own.then(({ data }) => ({ deployment: data })));
    if (shown) return shown.deployment;
    const { data } = await call({ call: 'service', what: 'the service', schema: Service });
    if (data.deployment === undefined || isNameless(data.deployment)) throw untold(name);
    return data.deployment;
  },
  /**
   * Deploys a build. A deployment service has a newer call for this. The body of the newer call
   * must also contain the number of instances, so this method sends the present number. If the
   * newer call does not exist, this method uses the deprecated call. A combined service always uses
   * the deprecated call, because the documented body of `PATCH services/combined` has no field for
   * a build.
   */
  async pin({ from, buildId, service: { kind, instances } }) {
    const what = `the deploy of build ${buildId} to`;
    const internal = { id: from, buildId };
    if (kind === 'deployment' && instances !== null) {
      const body = { deployment: { instances, internal } };
      const order = call({ call: 'patchDeployment', what, body, schema: shapes.Anything });
      if (await orAbsent(order.then(() => true))) return;
    }
    const removed = withoutOrder(name, buildId);
    const body = { internal };
    await call({ call: 'updateDeployment', what, body, removed, schema: shapes.Anything });
  },
});

/** True if Northflank reports that a build is pinned, but does not name the build. */
const isNameless = (deployment: DeploymentFact | null) =>
  deployment !== null && deployment.buildId === null && deployment.buildSha !== 'latest';

const unknownRollout = (name: string) =>
  [
    `Northflank did not report whether ${name} has an active gradual rollout: its answer is in an unknown form.`,
    'Check the address of the API in plimsoll.yaml.',
  ].join('\n');

const untold = (name: string) =>
  cannot(
    `Northflank's API no longer reports which build ${name} deploys, so Plimsoll cannot prove a release.`,
    'Install a newer version of Plimsoll. Until then, deploy by hand at Northflank.',
  );

const withoutOrder = (name: string, buildId: string) =>
  [
    `Northflank's API no longer accepts the order to deploy a build to ${name}. Nothing was changed.`,
    `Choose build ${buildId} under "Deployment" of ${name} at Northflank, and install a newer version of Plimsoll.`,
  ].join('\n');

/**
 * Returns the permissions of the token, or null if the call fails. An older API does not show the
 * permissions.
 */
async function shownPermissions(
  connection: Connection,
  { place, variable }: Pick<Asked, 'place' | 'variable'>,
): Promise<string[] | null> {
  const what = `the permissions of the token in ${variable}`;
  const asked: Asked = { what, effect: false, needs: 'read', place, variable };
  const question = { method: 'GET', path: '/v1/auth', schema: shapes.Auth } as const;
  return await ask(connection, { ...question, asked }).then(
    ({ data }) => data,
    () => null,
  );
}
