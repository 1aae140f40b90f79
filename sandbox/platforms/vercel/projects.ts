import type { Handler, Reply } from '../../http.ts';
import { startMove } from './moves.ts';
import { badRequest, done, json, ofProject, paged, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { page, projectShape, variableShape } from './shapes.ts';
import { notFound, ok, problem } from './site.ts';
import { isCandidate, isMoving, isRolledBackTo, previousOf } from './state.ts';
import type { AliasMove, AliasRequest, Deployment, Project } from './state.ts';

const withMoves = ({ call }: Request) => call.query.get('rollbackInfo') === 'true';

/**
 * Returns an outdated view of the project. The view shows the deployment that was live before the
 * current deployment, and no job that promotes or rolls back.
 */
const stale = (request: Request, project: Project) => {
  const live = project.deployments.find(({ id }) => id === previousOf(project));
  const shape = projectShape(request, project, { withMoves: withMoves(request), live });
  return { ...shape, ...(withMoves(request) ? { lastAliasRequest: null } : {}) };
};

const patch = (request: Request, project: Project): Handler => {
  const { site } = request;
  const wanted = json(request.call)?.['autoAssignCustomDomains'];
  const shape = () => projectShape(request, project, { withMoves: false });
  return {
    read: () =>
      typeof wanted === 'boolean'
        ? undefined
        : badRequest('`autoAssignCustomDomains` must be true or false.'),
    act: () => {
      project.autoAssign = wanted === true;
      site.board.count('vercel', 'updateProject', `${project.name} autoAssign=${wanted as string}`);
      return ok(shape());
    },
    lie: () => ok({ ...shape(), autoAssignCustomDomains: wanted }),
  };
};

const deploymentOf = ({ params }: Request, project: Project): Deployment | undefined =>
  project.deployments.find(({ id }) => id === params['deployment']);

const conflict = (message: string) => problem(409, 'conflict', message);
const unprocessable = (message: string) => problem(422, 'unprocessable_entity', message);

/**
 * Checks the rules that are the same for a job of type `promote` and of type `rollback`. Returns an
 * error response, or undefined if these rules allow the job.
 */
const refuseMove = (project: Project, deployment: Deployment | undefined): Reply | undefined => {
  if (!deployment) return notFound('Deployment');
  if (isMoving(project)) return conflict('Another promote or rollback of the project is pending.');
  if (deployment.id === project.lives.at(-1))
    return conflict(`The deployment ${deployment.id} is already the current one.`);
  return undefined;
};

const refusePromote = (project: Project, deployment: Deployment | undefined) => {
  const refused = refuseMove(project, deployment);
  if (refused || !deployment) return refused;
  if (!deployment.production) return unprocessable('Only a production deployment can be promoted.');
  return deployment.state === 'READY' ? undefined : unprocessable('The deployment is not ready.');
};

const refuseRollback = (project: Project, deployment: Deployment | undefined) => {
  const refused = refuseMove(project, deployment);
  if (refused || !deployment) return refused;
  if (!isRolledBackTo(project, deployment))
    return unprocessable('The deployment never was in production.');
  return isCandidate(project, deployment)
    ? undefined
    : problem(
        402,
        'payment_required',
        'The Hobby plan can roll back only to the previous deployment.',
      );
};

const move = (request: Request, project: Project, type: AliasRequest['type']): Handler => {
  const deployment = deploymentOf(request, project);
  const refuse = type === 'promote' ? refusePromote : refuseRollback;
  const { site, call } = request;
  return {
    read: () => refuse(project, deployment),
    act: () => {
      startMove(site, project, deployment!, type);
      const description = call.query.get('description');
      if (type === 'promote') project.rollbackNote = null;
      else if (description !== null) project.rollbackNote = { description, createdAt: Date.now() };
      site.board.count('vercel', type, `${project.name} ${deployment!.id}`);
      return done(201);
    },
    lie: () => refuse(project, deployment) ?? done(201),
  };
};

/**
 * Lists the domains of the newest job of type `promote` or `rollback`. For `rollback`, an alias is
 * an object, as Vercel's CLI reads it (commands/rollback/status.ts).
 */
const moves = (request: Request, project: Project, of: AliasRequest['type']) => {
  const all = project.moves[of];
  if (all.length === 0) return ok({});
  const failedOnly = request.call.query.get('failedOnly') === 'true';
  const shown = all.filter(({ status }) => !failedOnly || status === 'failed');
  const shape = ({ id, alias, status }: AliasMove) => {
    const deploymentId = project.aliases.find(({ domain }) => domain === alias)?.deploymentId;
    return { id, alias: of === 'promote' ? alias : { alias, deploymentId }, status };
  };
  const pagination = { count: shown.length, next: null, prev: null };
  return ok({ aliases: shown.map(shape), pagination });
};

const domainShape = (project: Project, name: string) => ({
  name,
  apexName: name,
  projectId: project.id,
  redirect: null,
  redirectStatusCode: null,
  gitBranch: null,
  customEnvironmentId: null,
  createdAt: 1,
  updatedAt: 1,
  verified: true,
  ...project.domainSettings[name],
});

const domain = ({ params }: Request, project: Project): Reply => {
  const name = params['domain'] ?? '';
  return project.domains.includes(name)
    ? ok(domainShape(project, name))
    : problem(404, 'not_found', 'The domain is not assigned to the project.');
};

const productionDomains = (project: Project): Reply => {
  const domains = project.domains
    .map((name) => domainShape(project, name))
    .filter(({ redirect, gitBranch }) => redirect === null && gitBranch === null);
  return ok({ domains, pagination: { count: domains.length, next: null, prev: null } });
};

const variables = (request: Request, project: Project) => {
  const items = project.variables.map((one, index) => ({ ...one, createdAt: index + 1 }));
  const { items: shown, more } = paged(request, items);
  return ok({ envs: shown.map(variableShape), pagination: page(shown, more) });
};

/**
 * Under the fault `lying-status`, reads show an outdated project. Requests to promote, to roll back
 * or to change something report success, but do nothing.
 */
export const projectRoutes: Route[] = [
  route('GET /v9/projects/{project}', 'project.read', (request) =>
    ofProject(request, (project) => ({
      read: () => ok(projectShape(request, project, { withMoves: withMoves(request) })),
      lie: () => ok(stale(request, project)),
    })),
  ),
  route('PATCH /v9/projects/{project}', 'project.update', (request) =>
    ofProject(request, (project) => patch(request, project)),
  ),
  route('GET /v9/projects/{project}/domains', 'projectDomain.list', (request) =>
    ofProject(request, (project) => ({
      read: () => productionDomains(project),
      lie: () => ok({ domains: [], pagination: page([], false) }),
    })),
  ),
  route('GET /v9/projects/{project}/domains/{domain}', 'projectDomain.read', (request) =>
    ofProject(request, (project) => ({
      read: () => domain(request, project),
      lie: () => problem(404, 'not_found', 'The domain is not assigned to the project.'),
    })),
  ),
  route(
    'POST /v10/projects/{projectId}/promote/{deployment}',
    'deploymentPromote.create',
    (request) => ofProject(request, (project) => move(request, project, 'promote')),
  ),
  route(
    'POST /v1/projects/{projectId}/rollback/{deployment}',
    'deploymentRollback.create',
    (request) => ofProject(request, (project) => move(request, project, 'rollback')),
  ),
  route('GET /v1/projects/{projectId}/promote/aliases', 'deploymentPromote.read', (request) =>
    ofProject(request, (project) => ({
      read: () => moves(request, project, 'promote'),
      lie: () => ok({}),
    })),
  ),
  route('GET /v9/projects/{projectId}/rollback/aliases', 'deploymentRollback.read', (request) =>
    ofProject(request, (project) => ({
      read: () => moves(request, project, 'rollback'),
      lie: () => ok({}),
    })),
  ),
  route('GET /v10/projects/{project}/env', 'projectEnvVars.list', (request) =>
    ofProject(request, (project) => ({
      read: () => variables(request, project),
      lie: () => ok({ envs: [], pagination: page([], false) }),
    })),
  ),
];
