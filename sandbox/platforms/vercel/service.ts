import type { Call, Handler, Reply, Service } from '../../http.ts';
import { aliasRoutes } from './aliases.ts';
import { deploymentRoutes } from './deployments.ts';
import { projectRoutes } from './projects.ts';
import { json, match, text } from './routes.ts';
import { refuseRole } from './roles.ts';
import type { Access } from './roles.ts';
import { signalRoutes } from './signals.ts';
import { notFound, problem } from './site.ts';
import type { Site } from './site.ts';
import type { Variable } from './state.ts';

const rate = (remaining: number): Record<string, string> => ({
  'x-ratelimit-limit': '500',
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
});

const forbidden = (more: Record<string, unknown>, message = 'Not authorized') =>
  problem(403, 'forbidden', message, more);

/**
 * Returns the refusal for a team that the token may not see. The text and the fields come from real
 * answers (zentered/vercel-preview-url#170, vercel/vercel#11712).
 */
const otherScope = (team: string) =>
  forbidden(
    { saml: true, teamId: null, scope: team, enforced: false },
    `Not authorized: Trying to access resource under scope "${team}". You must re-authenticate to this scope or use a token with access to this scope.`,
  );

/**
 * Returns the rights of the token, or an error response. If the token or the team is wrong, the
 * status is 403. If the call names no team, the status is 404, as if the project did not exist.
 */
const admit = (call: Call, site: Site): Reply | { access: Access } => {
  const [scheme = '', given] = (call.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || !given)
    return forbidden({ missingToken: true }, 'The request is missing an authentication token');
  const access = site.tokens.get(given);
  if (!access) return forbidden({ invalidToken: true });
  const team = call.query.get('teamId') ?? call.query.get('slug');
  if (team === null) return notFound('Project');
  return [site.team.id, site.team.slug].includes(team) ? { access } : otherScope(team);
};

const limited = (reply: Reply): Reply => ({
  ...reply,
  headers: { ...rate(499), ...reply.headers },
});

export const createService = (site: Site, { shared }: { shared: readonly Variable[] }): Service => {
  const routes = [...projectRoutes, ...deploymentRoutes, ...aliasRoutes, ...signalRoutes(shared)];
  const handle = (call: Call): Handler => {
    const admitted = admit(call, site);
    const found = match(routes, call);
    const refused =
      'access' in admitted ? found && refuseRole(admitted.access, found.need) : admitted;
    if (refused) return { read: () => limited(refused), lie: () => limited(refused) };
    if (!found || !('access' in admitted)) return { read: () => limited(notFound('Endpoint')) };
    const { access } = admitted;
    const { read, act, lie } = found.answer({ call, site, params: found.params, access });
    return {
      read: async () => {
        const reply = await read?.();
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
 * Returns the name of the project of a call, or ''. The name of the operation begins with this
 * name. So a test can arm a fault for only one project.
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
