import type { Handler } from '../../http.ts';
import { point } from './moves.ts';
import { badRequest, json, ofDeployment, route, text } from './routes.ts';
import type { Found, Request, Route } from './routes.ts';
import { ok, problem } from './site.ts';

const time = (at: number) => new Date(at).toISOString();

const ofOne = ({ project, deployment }: Found) =>
  project.aliases
    .filter(({ deploymentId }) => deploymentId === deployment.id)
    .map(({ uid, domain, createdAt }) => ({ uid, alias: domain, created: time(createdAt) }));

/**
 * Finds an alias by its whole host name. If the query names a project, the alias must belong to it.
 */
const one = ({ call, site, params }: Request) => {
  for (const project of site.projects) {
    const alias = project.aliases.find(({ domain }) => domain === params['alias']);
    if (!alias || ![null, project.id].includes(call.query.get('projectId'))) continue;
    const { uid, domain, deploymentId, createdAt } = alias;
    const when = { created: time(createdAt), createdAt };
    return ok({ uid, alias: domain, deploymentId, projectId: project.id, ...when });
  }
  return problem(404, 'not_found', 'The alias was not found.');
};

/**
 * Makes a domain of the project point to a deployment. The deployment is then live. `autoAssign`
 * does not change.
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
    read: refuse,
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
 * Under the fault `lying-status`, reads find no alias. An assignment reports success, but does
 * nothing.
 */
export const aliasRoutes: Route[] = [
  route('GET /v2/deployments/{deployment}/aliases', 'aliasProject.list', (request) =>
    ofDeployment(request, (found) => ({
      read: () => ok({ aliases: ofOne(found) }),
      lie: () => ok({ aliases: [] }),
    })),
  ),
  route('POST /v2/deployments/{deployment}/aliases', 'aliasProject.create', (request) =>
    ofDeployment(request, (found) => assign(request, found)),
  ),
  route('GET /v4/aliases/{alias}', 'aliasProject.read', (request) => ({
    read: () => one(request),
    lie: () => problem(404, 'not_found', 'The alias was not found.'),
  })),
];
