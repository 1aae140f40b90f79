import type { Board } from './board.ts';
import type { Repositories } from './git-host-repositories.ts';
import { startHttp } from './http.ts';
import type { Call, Handler, Reply, Service as HttpService } from './http.ts';
import { buildRoutes } from './northflank/build-routes.ts';
import { createHints } from './northflank/hints.ts';
import type { HintsOptions } from './northflank/hints.ts';
import { Hourly } from './northflank/hourly.ts';
import { rolloutRoutes } from './northflank/rollout-routes.ts';
import { notFound, problem } from './northflank/routes.ts';
import { startService } from './northflank/service.ts';
import type { NorthflankTruth, Service, Services } from './northflank/service.ts';
import type { Build, ServiceInput, Settings } from './northflank/state.ts';

export type NorthflankOptions = {
  /** Where built trees lie. */
  directory: string;
  board: Board;
  /** The git host's repositories: commits are built from them. */
  repositories: Repositories;
  token: string;
  /** Ids are unique over all projects. */
  services: ServiceInput[];
  /** Where RAW_WEBHOOK notifications go. */
  hints?: HintsOptions;
  slowMs?: number;
  /** How long the hour lasts in which calls are counted: a sandbox's time is scaled. */
  hourMs?: number;
  /** Default 1000, as of every account. */
  callsPerHour?: number;
};
export type Northflank = Awaited<ReturnType<typeof startNorthflank>>;

const routes = [...buildRoutes, ...rolloutRoutes];
const place =
  /^\/v1\/(?:teams\/(?<team>[^/]+)\/)?projects\/(?<project>[^/]+)\/services\/(?<id>[^/]+)(?<rest>.*)$/;

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

type Parts = { options: NorthflankOptions; services: Services; hourly: Hourly };

const located = (call: Call, services: Services) => {
  const { team, project, id, rest } = place.exec(call.path)?.groups ?? {};
  const service = services.get(decodeURIComponent(id ?? ''));
  if (!service || service.info.project !== project) return undefined;
  return service.info.team === team ? { service, rest: rest ?? '' } : undefined;
};

const find = (call: Call, { options, services }: Parts): Handler => {
  const at = located(call, services);
  if (!at) return { look: notFound };
  for (const { pattern, answer } of routes) {
    const groups = pattern.exec(`${call.method} ${at.rest}`);
    const build = decodeURIComponent(groups?.groups?.build ?? '');
    if (groups) return answer({ call, service: at.service, services, board: options.board, build });
  }
  return { look: notFound };
};

/** Every answer tells the calls that are left; one too many has no effect. */
const createHttpService = (parts: Parts): HttpService => {
  const { hourly, options } = parts;
  const counted = (reply: Reply): Reply => ({
    ...reply,
    headers: { ...hourly.headers, ...reply.headers },
  });
  const handle = (call: Call): Handler => {
    const allowed = hourly.take();
    const { look, act, lie } = find(call, parts);
    const first = () => {
      if (!allowed) return problem(429, 'Rate limit exceeded.');
      return unauthorized(call, options.token);
    };
    return {
      look: async () => {
        const reply = first() ?? (await look?.());
        return reply && counted(reply);
      },
      ...(act ? { act: async () => counted(await act()) } : {}),
      ...(lie ? { lie: async () => counted(first() ?? (await lie())) } : {}),
    };
  };
  return { name: 'northflank', handle, busy, broken };
};

/** CD: a new build goes live wherever its service is followed and nobody switched that off. */
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

/** What people do in the dashboard, the git host with its pushes, and others with the account's calls. */
const controls = (services: Services, hourly: Hourly) => {
  const known = (id: string): Service => {
    const one = services.get(id);
    if (!one) throw new Error(`The stand-in has no service ${id}.`);
    return one;
  };
  return {
    /** The public address: a real process of the deployed commit answers. */
    url: (id: string) => known(id).url,
    set: (id: string, change: Partial<Settings>) => void Object.assign(known(id).settings, change),
    seed: (id: string, sha: string) => known(id).seed(sha),
    /** New builds go live by themselves again. */
    follow: (id: string) => known(id).rollout.follow(),
    /** Its log is empty: Northflank keeps one for a while only. */
    forget: (id: string) => void known(id).logs.splice(0),
    /** How many calls are left in this hour. */
    leave: (remaining: number) => hourly.leave(remaining),
    onPush: (repository: string, branch: string, sha: string) =>
      push(services, repository, branch, sha),
  };
};

/**
 * Northflank's API, its builders and its runtime. Effects: startBuild, abortBuild, deploy. What
 * pushes and `set` bring about is done by others: no effect.
 */
export const startNorthflank = async (options: NorthflankOptions) => {
  const services: Services = new Map();
  const hints = createHints(options.hints);
  const hourly = new Hourly(options);
  const { board, slowMs } = options;
  await startAll(options, services, hints);
  const service = createHttpService({ options, services, hourly });
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  return {
    address: http.url,
    ...controls(services, hourly),
    truth: (): NorthflankTruth[] => [...services.values()].map((one) => one.truth()),
    close: async () => {
      await http.close();
      await Promise.all([...services.values()].map((one) => one.close()));
      await hints.settled();
    },
  };
};
