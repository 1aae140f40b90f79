import { fields, ok, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { may } from './permissions.ts';
import type { Account, Zone } from './state.ts';

const date = '2026-01-01T00:00:00.000000Z';

/**
 * Returns a zone with the fields that Cloudflare's own types require (cloudflare, resources/zones).
 */
const shape = ({ id: account }: Account, { id, name }: Zone) => ({
  id,
  name,
  account: { id: account, name: 'Acme' },
  activated_on: date,
  created_on: date,
  development_mode: 0,
  meta: { step: 2 },
  modified_on: date,
  name_servers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
  original_dnshost: null,
  original_name_servers: null,
  original_registrar: null,
  owner: { id: account, name: 'Acme', type: 'organization' },
  plan: { id: '0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee', name: 'Free Website' },
  status: 'active',
  type: 'full',
});

/**
 * Returns the zones that the token may see. A token without "Zone: Read" gets an empty list and no
 * refusal. Source: cloudflare/wrangler-legacy, pull request 1941 ("When a token does not have
 * permission the Cloudflare API just returns no entries").
 */
const zonesFor = ({ account, call: { query } }: Request) => {
  const given = query.get('account.id');
  if (!may(account.permissions, 'Zone: Read') || (given !== null && given !== account.id))
    return [];
  const name = query.get('name');
  return account.zones.filter((zone) => name === null || zone.name === name);
};

/** Returns the routes of a zone, each with its pattern and its Worker, as Cloudflare lists them. */
const routesOf = ({ workers }: Account, { name }: Zone) =>
  [...workers.values()].flatMap((worker) =>
    worker.routes
      .filter((pattern) => pattern.includes(name))
      .map((pattern, at) => ({
        id: `${worker.tag.slice(0, 30)}${String(at).padStart(2, '0')}`,
        pattern,
        script: worker.name,
      })),
  );

/**
 * Makes a handler that calls `handle` with the zone in the path. If the account does not have the
 * zone, the answer is the same as for a missing permission. Source: cloudflare/workers-sdk, issue
 * 2863.
 */
const onZone =
  (handle: (request: Request, zone: Zone) => ReturnType<Route['answer']>): Route['answer'] =>
  (request) => {
    const zone = request.account.zones.find(({ id }) => id === request.params['zone']);
    return zone
      ? handle(request, zone)
      : { read: () => problem(403, 10000, 'Authentication error') };
  };

export const zoneRoutes: Route[] = [
  route('GET /zones', (request) => ({
    read: () => ok(zonesFor(request).map((zone) => shape(request.account, zone))),
  })),
  route(
    'GET /zones/{zone}/workers/routes',
    onZone(({ account }, zone) => ({ read: () => ok(routesOf(account, zone)) })),
  ),
  route(
    'POST /zones/{zone}/workers/routes',
    onZone(({ account, call }, zone) => {
      const { pattern, script } = fields(call);
      const worker = account.workers.get(String(script));
      return {
        read: () =>
          typeof pattern === 'string' && pattern.includes(zone.name) && worker
            ? undefined
            : problem(400, 10022, 'The pattern or the script of the route is wrong.'),
        act: () => {
          worker?.routes.push(String(pattern));
          account.board.count('cloudflare', 'postRoute', `${worker?.name} ${String(pattern)}`);
          return ok(routesOf(account, zone).find((one) => one.pattern === pattern));
        },
      };
    }),
  ),
];
