import type { Call, Reply } from '../../http.ts';
import { problem } from './routes.ts';

/**
 * The two versions of the API. '0.9' is described by the client 0.9.5 and by the documentation
 * until the summer of 2026. '0.11' is described by the documentation of autumn 2026 (client
 * 0.11.0). It has fewer permissions, another answer about a service, gradual rollouts, and `GET
 * /v1/auth`.
 */
export type Version = '0.9' | '0.11';

const read = 'Project > Services > General > Read';
const update = 'Project > Services > General > Update';
const instances = 'Project > Services > Deployment > View Instances';
const logs = 'Project > Services > Deployment > View Instance Logs';
const observability = 'Project > Services > Deployment > View Observability';
const build = 'Project > Services > Deployment > Deploy Build';
const deploy = 'Project > Services > Deployment > Update Deployment';
const variables = 'Project > Secrets > Services > Read';

/**
 * The permission of every route. For '0.9', the source is `requiredPermissions` of the endpoints in
 * @northflank/js-client 0.9.5. For logs, the sources are the page "Get service logs" and the name
 * in the role editor. For '0.11', the sources are the pages in the public repository
 * northflank/skills.
 */
const required: Record<string, Record<Version, string | null>> = {
  'GET ': { '0.9': read, '0.11': read },
  'GET /build': { '0.9': read, '0.11': read },
  'GET /build/{build}': { '0.9': read, '0.11': read },
  'POST /build': { '0.9': build, '0.11': update },
  'DELETE /build/{build}': { '0.9': build, '0.11': update },
  'GET /build-logs': { '0.9': logs, '0.11': observability },
  'GET /logs': { '0.9': logs, '0.11': observability },
  'GET /deployment': { '0.9': instances, '0.11': read },
  'POST /deployment': { '0.9': deploy, '0.11': update },
  'PATCH services/deployment/{service}': { '0.9': update, '0.11': update },
  'GET /containers': { '0.9': instances, '0.11': read },
  'GET /ports': { '0.9': read, '0.11': read },
  'GET /health-checks': { '0.9': read, '0.11': read },
  'GET /runtime-environment': { '0.9': variables, '0.11': variables },
  // The API of '0.9' has no such route.
  'GET /rollout': { '0.9': null, '0.11': read },
};

/** The ids of permissions that appear in public records of real answers. */
const ids: Record<string, string> = {
  [read]: 'ps_services_general_read',
  [update]: 'ps_services_general_update',
  [logs]: 'ps_services_deployment_view-observability',
  [observability]: 'ps_services_deployment_view-observability',
};

/** Returns the permissions of all routes. Each permission occurs only once. */
export const allPermissions = (version: Version): string[] => [
  ...new Set(Object.values(required).flatMap((one) => one[version] ?? [])),
];

export const idsOf = (permissions: readonly string[]): string[] =>
  permissions.flatMap((one) => ids[one] ?? []);

/** Returns true if the route exists in this version of the API. */
export const exists = (template: string, version: Version): boolean => {
  const one = required[template];
  if (one === undefined) throw new Error(`No permission is known for ${template}.`);
  return one[version] !== null;
};

/**
 * Returns the refusal, or undefined if the role has the permission. A public record shows the
 * status 401, the words "does not have permission" and the id in `details`. Other APIs of this kind
 * answer with status 403, so a client must understand both.
 */
export const forbidden = (
  template: string,
  { version, role, status }: { version: Version; role: ReadonlySet<string>; status: 401 | 403 },
): Reply | undefined => {
  const needed = required[template]?.[version];
  if (typeof needed !== 'string') throw new Error(`No permission is known for ${template}.`);
  if (role.has(needed)) return undefined;
  if (status === 403) return problem(403, 'Forbidden');
  const id = ids[needed];
  const message = 'The token does not have permission to access this resource.';
  const details = id === undefined ? {} : { details: { requiredPermission: id } };
  return { status, body: { error: { status, message, ...details } } };
};

export const isAuth = (call: Call) => call.method === 'GET' && call.path === '/v1/auth';
