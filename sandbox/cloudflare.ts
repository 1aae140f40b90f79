import { join } from 'node:path';
import type { Board } from './board.ts';
import { deploymentRoutes } from './cloudflare/deployments.ts';
import { editOutside } from './cloudflare/edit-outside.ts';
import type { Edit } from './cloudflare/edit-outside.ts';
import { startFront } from './cloudflare/front.ts';
import { graphqlRoutes } from './cloudflare/graphql.ts';
import { createInvocations } from './cloudflare/invocations.ts';
import type { Invocations } from './cloudflare/invocations.ts';
import { match, ok, problem, route } from './cloudflare/routes.ts';
import type { Route } from './cloudflare/routes.ts';
import { scriptRoutes } from './cloudflare/scripts.ts';
import { putSecret, secretRoutes } from './cloudflare/secrets.ts';
import { createAccount, liveOf, versionOf } from './cloudflare/state.ts';
import type { Account, Worker } from './cloudflare/state.ts';
import { subdomainRoutes } from './cloudflare/subdomains.ts';
import { versionRoutes } from './cloudflare/versions.ts';
import { createWorkshop } from './cloudflare/workshop.ts';
import type { Workshop } from './cloudflare/workshop.ts';
import { startHttp } from './http.ts';
import type { Call, Handler, Reply, Service } from './http.ts';

export type CloudflareOptions = {
  board: Board;
  /** Gets a directory per version: what workerd serves. */
  directory: string;
  token: string;
  /** 32 hexadecimal digits. */
  account?: string;
  slowMs?: number;
  /** How long the analytics lag behind (2 min), and how long their minute is (60 s). */
  lagMs?: number;
  minuteMs?: number;
};
export type Cloudflare = Awaited<ReturnType<typeof startCloudflare>>;

/** What really is, for tests and the demo: the API may lie. */
export type WorkerTruth = {
  worker: string;
  live: { id: string; percentage: number; tag: string | null; message: string | null }[];
  versions: number;
  deployments: number;
};

const verified = (account: Account, call: Call): Reply | undefined => {
  const given = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (given === account.token) return undefined;
  const verify = call.path.endsWith('/tokens/verify');
  return verify
    ? problem(401, 1000, 'Invalid API Token')
    : problem(403, 10000, 'Authentication error');
};

const outside = (account: Account, id: string | undefined): Reply | undefined =>
  id === undefined || id === account.id ? undefined : problem(403, 10000, 'Authentication error');

/** A token of a person; tokens of an account are verified at another place. */
const tokenRoutes: Route[] = [
  route('GET /user/tokens/verify', () => ({
    look: () => ok({ id: 'ed17574386854bf78a67040be0a770b0', status: 'active' }),
  })),
  route('GET /accounts/{account}/tokens/verify', () => ({
    look: () => problem(401, 1000, 'Invalid API Token'),
  })),
];

const createService = (account: Account, workshop: Workshop, routes: Route[]): Service => ({
  name: 'cloudflare',
  handle: (call): Handler => {
    const found = match(routes, call);
    const refused = () => verified(account, call) ?? outside(account, found?.params.account);
    if (!found)
      return { look: () => refused() ?? problem(404, 7003, `Could not route to ${call.path}.`) };
    const { look, act, lie } = found.answer({ call, params: found.params, account, workshop });
    return {
      look: async () => refused() ?? (await look?.()),
      ...(act ? { act } : {}),
      ...(lie ? { lie: async () => refused() ?? (await lie()) } : {}),
    };
  },
  busy: () => ({
    ...problem(429, 971, 'Please wait and consider throttling your request speed'),
    headers: { 'retry-after': '1', ratelimit: '"default";r=0;t=1' },
  }),
  broken: () => problem(500, 10013, 'An unknown error has occurred.'),
});

const truthOf = (worker: Worker): WorkerTruth => ({
  worker: worker.name,
  live: (liveOf(worker)?.versions ?? []).map(({ version_id: id, percentage }) => {
    const annotations = versionOf(worker, id)?.annotations ?? {};
    const tag = annotations['workers/tag'] ?? null;
    return { id, percentage, tag, message: annotations['workers/message'] ?? null };
  }),
  versions: worker.versions.length,
  deployments: worker.deployments.length,
});

const routesOf = (invocations: Invocations): Route[] => [
  ...tokenRoutes,
  ...scriptRoutes,
  ...secretRoutes,
  ...subdomainRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...graphqlRoutes(invocations),
];

/** What people do besides the API, and what really is. */
const hands = (account: Account) => {
  const worker = (name: string) => {
    const found = account.workers.get(name);
    if (!found) throw new Error(`The account has no worker ${name}.`);
    return found;
  };
  return {
    truth: () => [...account.workers.values()].map(truthOf),
    putSecret: (name: string, key: string, text: string) =>
      void putSecret(account, worker(name), key, text),
    edit: (name: string, edit: Edit) => editOutside(account, worker(name), edit),
  };
};

/**
 * Cloudflare's API for wrangler and for clients, and the edge that serves what was uploaded with
 * workerd: `http://<worker>.localhost:<port>`, a version at `http://<its first 8>-<worker>.…`.
 */
export const startCloudflare = async (options: CloudflareOptions) => {
  const { board, token, lagMs = 120_000, minuteMs = 60_000, slowMs } = options;
  const id = options.account ?? '0123456789abcdef0123456789abcdef';
  const account = createAccount({ id, token, board, subdomain: '' });
  const workshop = createWorkshop(join(options.directory, 'versions'));
  const invocations = createInvocations({ lagMs, minuteMs });
  const front = await startFront({ account, workshop, invocations });
  account.subdomain = `localhost:${front.port}`;
  const service = createService(account, workshop, routesOf(invocations));
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  return {
    /** For CLOUDFLARE_API_BASE_URL. */
    api: `${http.url}/client/v4`,
    account: id,
    url: (worker: string) => `http://${worker}.${account.subdomain}`,
    /** `{version}` stands for the first 8 digits of a version's id. */
    previews: (worker: string) => `http://{version}-${worker}.${account.subdomain}`,
    ...hands(account),
    setLag: invocations.setLag,
    close: async () => {
      for (const part of [http, front, workshop]) await part.close();
    },
  };
};
