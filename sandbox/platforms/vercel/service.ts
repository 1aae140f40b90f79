import type { Call, Handler, Reply, Service } from '../../http.ts';
import { aliasRoutes } from './aliases.ts';
import { deploymentRoutes } from './deployments.ts';
import { projectRoutes } from './projects.ts';
import { json, match, text } from './routes.ts';
import { signalRoutes } from './signals.ts';
import type { Traffic } from './signals.ts';
import { notFound, problem } from './site.ts';
import type { Site } from './site.ts';
import type { Variable } from './state.ts';

const rate = (remaining: number): Record<string, string> => ({
  'x-ratelimit-limit': '500',
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
});

const login: Handler = {
  look: () => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: Buffer.from('<!doctype html><title>Login – Vercel</title>\n'),
  }),
};

const forbidden = (more: Record<string, unknown>, message = 'Not authorized') =>
  problem(403, 'forbidden', message, more);

/**
 * Returns an error response, or undefined if the call is allowed. With a wrong token or a wrong
 * team, the response is 403. For a call without a team, the response is 404, as if the project did
 * not exist.
 */
const guard = (call: Call, site: Site, token: string): Reply | undefined => {
  const [scheme = '', given] = (call.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || !given)
    return forbidden({ missingToken: true }, 'The request is missing an authentication token');
  if (given !== token) return forbidden({ invalidToken: true });
  const team = call.query.get('teamId') ?? call.query.get('slug');
  if (team === null) return notFound('Project');
  if (![site.team.id, site.team.slug].includes(team)) return forbidden({});
  const reads = call.method === 'GET' || call.path.endsWith('/query');
  return reads || site.mayWrite
    ? undefined
    : forbidden({}, "You don't have permission to do this in the team.");
};

const limited = (reply: Reply): Reply => ({
  ...reply,
  headers: { ...rate(499), ...reply.headers },
});

export const createService = (
  site: Site,
  { token, traffic, shared }: { token: string; traffic: Traffic; shared: readonly Variable[] },
): Service => {
  const signals = signalRoutes(traffic, shared);
  const routes = [...projectRoutes, ...deploymentRoutes, ...aliasRoutes, ...signals];
  const handle = (call: Call): Handler => {
    if (call.path === '/sso-api') return login;
    const refused = guard(call, site, token);
    if (refused) return { look: () => limited(refused), lie: () => limited(refused) };
    const found = match(routes, call);
    if (!found) return { look: () => limited(notFound('Endpoint')) };
    const { look, act, lie } = found.answer({ call, site, params: found.params });
    return {
      look: async () => {
        const reply = await look?.();
        return reply && limited(reply);
      },
      ...(act ? { act: async () => limited(await act()) } : {}),
      ...(lie ? { lie: async () => limited(await lie()) } : {}),
    };
  };
  const tooMany = () => problem(429, 'rate_limited', 'Too many requests. Try again later.');
  const failed = () => problem(500, 'internal_server_error', 'An unexpected error occurred.');
  return {
    name: 'vercel',
    handle,
    operation: (call) => `${projectOf(site, call)} ${call.method} ${call.path}`.trim(),
    busy: () => ({ ...tooMany(), headers: rate(0) }),
    broken: failed,
  };
};

/**
 * Returns the name of the project of a call, or ''. The operation begins with this name, so that a
 * test can arm a fault for one project only.
 */
function projectOf({ projects }: Site, call: Call): string {
  const [, name] = /\/projects\/([^/]+)/.exec(call.path) ?? [];
  const [, id] = /\/deployments\/([^/]+)/.exec(call.path) ?? [];
  const said = name ?? call.query.get('projectId') ?? text(json(call)?.['project']);
  const found = projects.find(
    (project) =>
      (said !== undefined && [project.id, project.name].includes(said)) ||
      project.deployments.some((deployment) => deployment.id === id),
  );
  return found?.name ?? '';
}
