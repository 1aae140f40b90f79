import type { Handler } from '../../http.ts';
import { point } from './moves.ts';
import { badRequest, json, ofDeployment, paged, route, text } from './routes.ts';
import type { Found, Request, Route } from './routes.ts';
import { page } from './shapes.ts';
import { ok, problem } from './site.ts';

const time = (at: number) => new Date(at).toISOString();

const ofOne = ({ project, deployment }: Found) =>
  project.aliases
    .filter(({ deploymentId }) => deploymentId === deployment.id)
    .map(({ uid, domain, createdAt }) => ({ uid, alias: domain, created: time(createdAt) }));

const list = (request: Request, newest: 'shown' | 'missing') => {
  const { query } = request.call;
  const found = request.site.projects
    .filter(({ id }) => [null, id].includes(query.get('projectId')))
    .flatMap((project) => project.aliases.map((alias) => ({ ...alias, projectId: project.id })))
    .filter(({ domain }) => [null, domain].includes(query.get('domain')));
  const { items, more } = paged(request, found);
  const shown = newest === 'shown' ? items : items.slice(1);
  const aliases = shown.map(({ uid, domain, deploymentId, projectId, createdAt }) => {
    const when = { created: time(createdAt), createdAt };
    return { uid, alias: domain, deploymentId, projectId, ...when };
  });
  return ok({ aliases, pagination: page(shown, more) });
};

/**
 * Points a domain of the project to a deployment. This makes the deployment live but does not
 * change `autoAssign`.
 */
const assign = ({ call, site }: Request, { project, deployment }: Found): Handler => {
  const domain = text(json(call)?.['alias']) ?? '';
  const answer = (uid: string, oldDeploymentId: string | null) =>
    ok({ uid, alias: domain, created: time(Date.now()), oldDeploymentId });
  const refuse = () => {
    if (domain === '') return badRequest('Missing `alias`.');
    if (!project.domains.includes(domain))
      return problem(403, 'forbidden', `You don't have access to ${domain}.`);
    return deployment.state === 'READY'
      ? undefined
      : problem(400, 'deployment_not_ready', 'The deployment is not ready.');
  };
  return {
    look: refuse,
    act: () => {
      const { alias, oldDeploymentId } = point(project, domain, deployment);
      if (domain === project.domains[0] && project.lives.at(-1) !== deployment.id)
        project.lives.push(deployment.id);
      deployment.substate = deployment.production ? 'PROMOTED' : null;
      site.board.count('vercel', 'assignAlias', `${domain} ${deployment.id}`);
      return answer(alias.uid, oldDeploymentId);
    },
    lie: () => refuse() ?? answer('lost', null),
  };
};

/**
 * Under the fault `lying-status`, lists lack the newest entry, and an assignment reports success,
 * but does nothing.
 */
export const aliasRoutes: Route[] = [
  route('GET /v2/deployments/{deployment}/aliases', (request) =>
    ofDeployment(request, (found) => ({
      look: () => ok({ aliases: ofOne(found) }),
      lie: () => ok({ aliases: [] }),
    })),
  ),
  route('POST /v2/deployments/{deployment}/aliases', (request) =>
    ofDeployment(request, (found) => assign(request, found)),
  ),
  route('GET /v4/aliases', (request) => ({
    look: () => list(request, 'shown'),
    lie: () => list(request, 'missing'),
  })),
];
