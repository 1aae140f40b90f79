import type { Board } from '../../board.ts';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import { startHttp } from '../../http.ts';
import type { Call, Handler, Reply, Service as HttpService } from '../../http.ts';
import { buildRoutes } from './build-routes.ts';
import { createHints } from './hints.ts';
import type { HintsOptions } from './hints.ts';
import { Hourly } from './hourly.ts';
import { allPermissions, exists, forbidden, idsOf, isAuth } from './permissions.ts';
import type { Version } from './permissions.ts';
import { rolloutRoutes } from './rollout-routes.ts';
import { notFound, ok, problem } from './routes.ts';
import { startService } from './service.ts';
import type { NorthflankTruth, Service, Services } from './service.ts';
import type { Build, ServiceInput, Settings } from './state.ts';

export type NorthflankOptions = {
  /** The directory of the built commits. */
  directory: string;
  board: Board;
  /** The repositories of the git host. Builds read the commits from these repositories. */
  repositories: Repositories;
  token: string;
  /** The version of the API. Default: '0.9'. */
  version?: Version;
  /**
   * The permissions of the token's role, with Northflank's names. Default: exactly the permissions
   * that the routes need.
   */
  role?: readonly string[];
  /**
   * The status of the answer if the role lacks a permission. Default: 401, as in a public record.
   */
  forbiddenStatus?: 401 | 403;
  /** The path templates of routes that Northflank has removed. Default: none. */
  removed?: readonly string[];
  /** The status of the answer for a removed route. Default: 404. */
  removedStatus?: 404 | 405;
  /** The id of each service must be unique across all projects. */
  services: ServiceInput[];
  /** The settings of the RAW_WEBHOOK notifications, such as the address that receives them. */
  hints?: HintsOptions;
  slowMs?: number;
  /**
   * The length of one hour for the call limit, in milliseconds. A sandbox with a time scale has a
   * shorter hour.
   */
  hourMs?: number;
  /** The number of allowed calls per hour. Default: 1000, which is the limit at Northflank. */
  callsPerHour?: number;
};
export type Northflank = Awaited<ReturnType<typeof startNorthflank>>;

const routes = [...buildRoutes, ...rolloutRoutes];
/** Templates of the routes that the documentation calls deprecated. */
export const deprecatedRoutes = routes.flatMap((one) => (one.deprecated ? [one.template] : []));
const place =
  /^\/v1\/(?:teams\/(?<team>[^/]+)\/)?projects\/(?<project>[^/]+)\/services\/(?<kind>deployment\/)?(?<id>[^/]+)(?<rest>.*)$/;

const busy = (): Reply => ({
  ...problem(429, 'Rate limit exceeded.'),
  headers: {
    'x-ratelimit-limit': '1000',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': '1',
  },
});
const broken = (): Reply => ({
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body><h1>502 Bad Gateway</h1></body></html>'),
});

const unauthorized = (call: Call, token: string) =>
  call.headers.authorization === `Bearer ${token}` ? undefined : problem(401, 'Unauthorized');

/**
 * The role of the token, and the answers of the API for this role. A test can change these values
 * while the stand-in runs.
 */
type Rules = {
  version: Version;
  role: Set<string>;
  forbiddenStatus: 401 | 403;
  removed: readonly string[];
  removedStatus: 404 | 405;
};
type Parts = { options: NorthflankOptions; services: Services; hourly: Hourly; rules: Rules };

const located = (call: Call, services: Services) => {
  const { team, project, kind, id, rest = '' } = place.exec(call.path)?.groups ?? {};
  const service = services.get(decodeURIComponent(id ?? ''));
  if (!service || service.info.project !== project) return undefined;
  if (service.info.team !== team) return undefined;
  return { service, rest: kind === undefined ? rest : `services/${kind}${id}${rest}` };
};

const find = (call: Call, { options, services, rules }: Parts): Handler => {
  const at = located(call, services);
  if (!at) return { read: notFound };
  const { version, role, forbiddenStatus: status, removed, removedStatus } = rules;
  for (const { template, pattern, answer } of routes) {
    const groups = pattern.exec(`${call.method} ${at.rest}`);
    if (!groups || !exists(template, version)) continue;
    if (removed.includes(template))
      return { read: removedStatus === 404 ? notFound : () => problem(405, 'Method Not Allowed') };
    const refusal = forbidden(template, { version, role, status });
    if (refusal) return { read: () => refusal, lie: () => refusal };
    const build = decodeURIComponent(groups.groups?.build ?? '');
    const { service } = at;
    return answer({ call, service, services, board: options.board, version, build });
  }
  return { read: notFound };
};

/** Shows the token and the permissions of its role, as "Get current authentication info" does. */
const auth = ({ rules: { version, role } }: Parts): Handler => {
  const entity = { entityId: 'sandbox', entityUid: '507f1f77bcf86cd799439011' };
  const data = {
    ...{ tokenKind: 'api', id: 'sandbox-token', ...entity, entityType: 'team' },
    permissions: { teamScope: [], projectScope: idsOf([...role]) },
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  return { read: () => (version === '0.11' ? ok(data) : notFound()) };
};

/**
 * Creates the API. Every response shows how many calls are left. A call over the limit has no
 * effect.
 */
const createHttpService = (parts: Parts): HttpService => {
  const { hourly, options } = parts;
  const counted = (reply: Reply): Reply => ({
    ...reply,
    headers: { ...hourly.headers, ...reply.headers },
  });
  const handle = (call: Call): Handler => {
    const allowed = hourly.take();
    const { read, act, lie } = isAuth(call) ? auth(parts) : find(call, parts);
    const first = () => {
      if (!allowed) return problem(429, 'Rate limit exceeded.');
      return unauthorized(call, options.token);
    };
    return {
      read: async () => {
        const reply = first() ?? (await read?.());
        return reply && counted(reply);
      },
      ...(act ? { act: async () => counted(await act()) } : {}),
      ...(lie ? { lie: async () => counted(first() ?? (await lie())) } : {}),
    };
  };
  return { name: 'northflank', handle, busy, broken };
};

/**
 * Deploys a new build to every service that uses the builds of the service `from`. Continuous
 * deployment does the same. Skips services with `disabledCD`.
 */
const deployNew = (services: Services, from: string, build: Build) => {
  for (const { info, settings, rollout } of services.values()) {
    const follows = info.buildsFrom === from && info.branch === build.branch && rollout.follows;
    if (follows && !settings.disabledCD && settings.kind !== 'build') rollout.deploy(build, false);
  }
};

const startAll = async (options: NorthflankOptions, services: Services, hints: Hints) => {
  for (const input of options.services) {
    const { directory, repositories } = options;
    const onSuccess = (build: Build) => deployNew(services, input.id, build);
    const deps = { directory, repositories, tell: hints.tell, onSuccess };
    services.set(input.id, await startService(input, deps));
  }
};
type Hints = ReturnType<typeof createHints>;

const push = (services: Services, repository: string, branch: string, sha: string) => {
  for (const { info, settings, builds } of services.values()) {
    const ours = info.repository === repository && info.branch === branch;
    if (ours && !settings.disabledCI && settings.kind !== 'deployment') builds.start(sha, branch);
  }
};

/**
 * Makes functions that act as people do. They change settings in the dashboard, push commits, and
 * make API calls with the same account.
 */
const controls = ({ services, hourly, rules }: Omit<Parts, 'options'>) => {
  const known = (id: string): Service => {
    const one = services.get(id);
    if (!one) throw new Error(`The Northflank stand-in has no service ${id}.`);
    return one;
  };
  return {
    /**
     * Returns the public address of a service. A real process of the deployed commit answers there.
     */
    url: (id: string) => known(id).url,
    set: (id: string, change: Partial<Settings>) => void Object.assign(known(id).settings, change),
    seed: (id: string, sha: string) => known(id).seed(sha),
    /** Removes the pin of a service, so that new builds go live automatically again. */
    follow: (id: string) => known(id).rollout.follow(),
    /** Makes a service as if nothing had ever been deployed to it. */
    forgetDeployment: (id: string) => void (known(id).rollout.target = null),
    /** Deletes the log of a service, as Northflank does when the log is too old. */
    forget: (id: string) => void known(id).logs.splice(0),
    /** Changes the role of the token, or the answers of the API for this role. */
    rule: (change: Partial<Omit<Rules, 'role'>> & { role?: readonly string[] }) => {
      const { role, ...rest } = change;
      Object.assign(rules, rest, role ? { role: new Set(role) } : {});
    },
    /** Promotes the newer release of an active gradual rollout, as a person does. */
    promote: (id: string) => known(id).rollout.promote(),
    /** Sets how many calls are left in this hour. */
    leave: (remaining: number) => hourly.leave(remaining),
    onPush: (repository: string, branch: string, sha: string) =>
      push(services, repository, branch, sha),
  };
};

/**
 * Starts a stand-in for Northflank, with the API, the builds and the containers. The board counts
 * these effects: startBuild, abortBuild, deploy. Pushes and `set` make the changes of other people,
 * so the board does not count these changes.
 */
export const startNorthflank = async (options: NorthflankOptions) => {
  const services: Services = new Map();
  const hints = createHints(options.hints);
  const hourly = new Hourly(options);
  const { board, slowMs, version = '0.9', removed = [] } = options;
  const { removedStatus = 404, forbiddenStatus = 401 } = options;
  const role = new Set(options.role ?? allPermissions(version));
  const rules: Rules = { version, role, forbiddenStatus, removed, removedStatus };
  await startAll(options, services, hints);
  const service = createHttpService({ options, services, hourly, rules });
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  return {
    address: http.url,
    ...controls({ services, hourly, rules }),
    truth: (): NorthflankTruth[] => [...services.values()].map((one) => one.truth()),
    close: async () => {
      await http.close();
      await Promise.all([...services.values()].map((one) => one.close()));
      await hints.settled();
    },
  };
};
