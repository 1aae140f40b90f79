import type { Handler } from '../../http.ts';
import { cancelBuild } from './build.ts';
import { create, draft } from './create.ts';
import type { Source } from './create.ts';
import { sendEvent } from './events.ts';
import { badRequest, json, ofDeployment, ofProject, paged, route, text } from './routes.ts';
import type { Found, Request, Route } from './routes.ts';
import { eventShape } from './event-shape.ts';
import { commitMeta, listed, page, single } from './shapes.ts';
import { notFound, ok, problem } from './site.ts';
import { isCandidate } from './state.ts';
import type { Deployment, Project } from './state.ts';

const wanted = ({ call: { query }, site }: Request): Found[] => {
  const projects = site.projects.filter(({ id }) => [null, id].includes(query.get('projectId')));
  const target = query.get('target');
  const states = query.get('state')?.split(',');
  return projects.flatMap((project) =>
    project.deployments
      .filter((one) => [null, commitMeta(project, one).githubCommitSha].includes(query.get('sha')))
      .filter(({ ref }) => [null, ref].includes(query.get('branch')))
      .filter((one) => target === null || (target === 'production') === one.production)
      .filter(({ state }) => states?.includes(state) ?? true)
      .filter((one) => query.get('rollbackCandidate') !== 'true' || isCandidate(project, one))
      .map((deployment) => ({ project, deployment })),
  );
};

const list = (request: Request, newest: 'shown' | 'missing') => {
  const found = wanted(request).map(({ project, deployment }) => ({
    createdAt: deployment.createdAt,
    shape: () => listed(request.site, project, deployment),
  }));
  const { items, more } = paged(request, found);
  const seen = newest === 'shown' ? items : items.slice(1);
  return ok({ deployments: seen.map(({ shape }) => shape()), pagination: page(seen, more) });
};

const projectNamed = ({ call, site }: Request): Project | undefined => {
  const input = json(call) ?? {};
  const name = text(input['project']) ?? text(input['name']);
  return site.projects.find((project) => project.id === name || project.name === name);
};

const metaOf = (value: unknown) =>
  Object.fromEntries(
    Object.entries((value ?? {}) as Record<string, unknown>).map(([key, one]) => [
      key,
      String(one),
    ]),
  );

const isCommit = (sha: string | undefined): sha is string => /^[0-9a-f]{40}$/.test(sha ?? '');

/**
 * Returns the source that the body asks to build. This is the source of another deployment, or a
 * commit of the linked repository. Returns undefined for any other body.
 */
const sourceOf = (request: Request, project: Project): Source | undefined => {
  const input = json(request.call) ?? {};
  const production = input['target'] === 'production';
  const meta = metaOf(input['meta']);
  const old = project.deployments.find(({ id }) => id === input['deploymentId']);
  if (old) return { sha: old.sha, ref: old.ref, production, source: 'redeploy', meta };
  const git = (input['gitSource'] ?? {}) as Record<string, unknown>;
  const [sha, ref] = [text(git['sha']), text(git['ref'])];
  const known = `${git['repoId'] as string}` === `${project.repoId}` && isCommit(sha) && ref;
  return known ? { sha, ref, production, source: 'api-trigger-git-deploy', meta } : undefined;
};

const hasCommit = async ({ site }: Request, project: Project, sha: string) =>
  site.repositories.git(project.repository, ['cat-file', '-e', `${sha}^{commit}`]).then(
    () => true,
    () => false,
  );

const refuseCreate = async (request: Request) => {
  const project = projectNamed(request);
  if (!project) return notFound('Project');
  const source = sourceOf(request, project);
  if (!source)
    return badRequest('Either `deploymentId` or a `gitSource` of the project is needed.');
  const there = await hasCommit(request, project, source.sha);
  return there ? undefined : badRequest(`The commit ${source.sha} is not in the repository.`);
};

const createDeployment = (request: Request): Handler => {
  const { site } = request;
  const project = projectNamed(request)!;
  return {
    read: () => refuseCreate(request),
    act: async () => {
      const deployment = await create(site, project, sourceOf(request, project)!);
      site.board.count('vercel', 'createDeployment', `${project.name} ${deployment.id}`);
      return ok(single(site, project, deployment));
    },
    lie: async () =>
      (await refuseCreate(request)) ??
      ok(single(site, project, draft(site, project, sourceOf(request, project)!))),
  };
};

const cancel = (request: Request, { project, deployment }: Found): Handler => ({
  read: () =>
    ['QUEUED', 'INITIALIZING', 'BUILDING', 'BLOCKED'].includes(deployment.state)
      ? undefined
      : badRequest('The deployment is not building.'),
  act: () => {
    cancelBuild(deployment);
    const { site } = request;
    site.board.count('vercel', 'cancel', `${project.name} ${deployment.id}`);
    sendEvent(site, project, deployment, 'deployment.canceled');
    return ok(single(site, project, deployment));
  },
  lie: () => ok(single(request.site, project, { ...deployment, state: 'CANCELED' })),
});

const stillBuilding = (deployment: Deployment): Deployment => ({
  ...deployment,
  state: 'BUILDING',
  substate: null,
});

const events = ({ call }: Request, { deployment }: Found) => {
  const all = deployment.events.map((event, index) => eventShape(deployment, event, index));
  const ordered = call.query.get('direction') === 'backward' ? all.toReversed() : all;
  const limit = Number(call.query.get('limit') ?? 100);
  return limit < 0 ? ordered : ordered.slice(0, limit);
};

const runtimeLog = (request: Request, { deployment }: Found): Handler => ({
  read: () =>
    deployment.state === 'READY'
      ? {
          status: 200,
          headers: { 'content-type': 'application/stream+json' },
          body: deployment.site.rows.listen(),
        }
      : problem(400, 'bad_request', 'The deployment is not ready.'),
});

/**
 * Under the fault `lying-status`, lists lack the newest entry, and a finished deployment seems to
 * be building. Changes report success, but do nothing.
 */
export const deploymentRoutes: Route[] = [
  route('GET /v7/deployments', 'deployment.list', (request) => ({
    read: () => list(request, 'shown'),
    lie: () => list(request, 'missing'),
  })),
  route('POST /v13/deployments', 'deployment.create', createDeployment),
  route('GET /v13/deployments/{deployment}', 'deployment.read', (request) =>
    ofDeployment(request, ({ project, deployment }) => ({
      read: () => ok(single(request.site, project, deployment)),
      lie: () => ok(single(request.site, project, stillBuilding(deployment))),
    })),
  ),
  route('PATCH /v12/deployments/{deployment}/cancel', 'deployment.update', (request) =>
    ofDeployment(request, (found) => cancel(request, found)),
  ),
  route('GET /v3/deployments/{deployment}/events', 'deployment.read', (request) =>
    ofDeployment(request, (found) => ({
      read: () => ok(events(request, found)),
      lie: () => ok([]),
    })),
  ),
  route(
    'GET /v1/projects/{projectId}/deployments/{deployment}/runtime-logs',
    'logs.read',
    (request) =>
      ofProject(request, () => ofDeployment(request, (found) => runtimeLog(request, found))),
  ),
];
