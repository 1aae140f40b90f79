import type { Call, Handler, Reply, Service } from '../../http.ts';
import { deploymentRoutes } from './deployments.ts';
import { graphqlRoutes } from './graphql.ts';
import type { Invocations } from './invocations.ts';
import { match, ok, problem, route } from './routes.ts';
import type { Route } from './routes.ts';
import { scriptRoutes } from './scripts.ts';
import { secretRoutes } from './secrets.ts';
import { denied } from './permissions.ts';
import type { Account } from './state.ts';
import { storageRoutes } from './storage.ts';
import { subdomainRoutes } from './subdomains.ts';
import { versionRoutes } from './versions.ts';
import { zoneRoutes } from './zones.ts';
import type { Workshop } from './workshop.ts';

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

/**
 * The token of the stand-in belongs to a person. The first route verifies tokens of people. The
 * second route verifies tokens of accounts, and always answers 401.
 */
const tokenRoutes: Route[] = [
  route('GET /user/tokens/verify', () => ({
    read: () => ok({ id: 'ed17574386854bf78a67040be0a770b0', status: 'active' }),
  })),
  // After an authentication error, wrangler makes these three requests. The token of the stand-in
  // has neither "User Details: Read" nor "Memberships: Read".
  route('GET /user', () => ({
    read: () => problem(403, 9109, 'Unauthorized to access requested resource'),
  })),
  route('GET /memberships', () => ({ read: () => problem(403, 10000, 'Authentication error') })),
  route('GET /accounts', () => ({ read: () => ok([]) })),
  route('GET /accounts/{account}/tokens/verify', () => ({
    read: () => problem(401, 1000, 'Invalid API Token'),
  })),
];

const routesOf = (invocations: Invocations): Route[] => [
  ...tokenRoutes,
  ...scriptRoutes,
  ...secretRoutes,
  ...subdomainRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...storageRoutes,
  ...zoneRoutes,
  ...graphqlRoutes(invocations),
];

export type ServiceDeps = { account: Account; workshop: Workshop; invocations: Invocations };

/** Creates a stand-in for Cloudflare's API, for one account. */
export const createService = ({ account, workshop, invocations }: ServiceDeps): Service => {
  const routes = routesOf(invocations);
  const handle = (call: Call): Handler => {
    const found = match(routes, call);
    const refused = () =>
      verified(account, call) ??
      outside(account, found?.params.account) ??
      denied(account.permissions, call);
    if (!found)
      return { read: () => refused() ?? problem(404, 7003, `Could not route to ${call.path}.`) };
    const { read, act, lie } = found.answer({ call, params: found.params, account, workshop });
    return {
      read: async () => refused() ?? (await read?.()),
      ...(act ? { act } : {}),
      ...(lie ? { lie: async () => refused() ?? (await lie()) } : {}),
    };
  };
  return {
    name: 'cloudflare',
    handle,
    busy: () => ({
      ...problem(429, 971, 'Please wait and consider throttling your request speed'),
      headers: { 'retry-after': '1', ratelimit: '"default";r=0;t=1' },
    }),
    broken: () => problem(500, 10013, 'An unknown error has occurred.'),
  };
};
