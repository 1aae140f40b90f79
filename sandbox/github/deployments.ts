import type { Handler } from '../http.ts';
import { resolve } from './checks.ts';
import { created, invalid, json, notFound, ok, page, problem, route, text } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { nodeId, user } from './shapes.ts';
import type { Schemas, StoredDeployment } from './state.ts';

type Deployment = Schemas['deployment'];
type DeploymentStatus = Schemas['deployment-status'];

const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

const newDeployment = (request: Request, sha: string): Deployment => {
  const { site, name, call } = request;
  const input = json(call) ?? {};
  const id = site.nextId();
  const url = `${site.url}/repos/${name}/deployments/${id}`;
  const environment = text(input.environment) ?? 'production';
  return {
    url,
    id,
    node_id: nodeId('Deployment', id),
    sha,
    ref: text(input.ref) ?? sha,
    task: text(input.task) ?? 'deploy',
    payload: (input.payload ?? {}) as Record<string, unknown>,
    environment,
    original_environment: environment,
    description: text(input.description) ?? null,
    creator: user(site, site.login),
    created_at: site.now(),
    updated_at: site.now(),
    statuses_url: `${url}/statuses`,
    repository_url: `${site.url}/repos/${name}`,
    transient_environment: input.transient_environment === true,
    production_environment: (input.production_environment ?? environment === 'production') === true,
  };
};

/**
 * Returns true if a commit status blocks the deployment. Checks the contexts in
 * `required_contexts`. If this field is absent, checks all known contexts.
 */
const blocked = ({ state, call }: Request, sha: string) => {
  const named = json(call)?.required_contexts;
  const known = state.statuses.filter((stored) => stored.sha === sha).map(({ status }) => status);
  const wanted = Array.isArray(named) ? named.map(String) : known.map(({ context }) => context);
  return wanted.some(
    (context) => known.findLast((status) => status.context === context)?.state !== 'success',
  );
};

/**
 * Returns true if GitHub would merge the default branch instead of creating the deployment. GitHub
 * does this if the branch is behind main, unless `auto_merge` is false.
 */
const autoMerges = async (request: Request, sha: string) => {
  const ref = text(json(request.call)?.ref) ?? '';
  const { site, name } = request;
  const branches = await site.repositories.branches(name);
  if (json(request.call)?.auto_merge === false || ref === 'main' || !branches[ref]) return false;
  const args = ['rev-list', '--count', `${sha}..refs/heads/main`];
  return (await site.repositories.git(name, args)) !== '0';
};

const refusal = async (request: Request) => {
  const ref = text(json(request.call)?.ref);
  if (!ref) return invalid('Deployment', 'ref', 'missing_field');
  const sha = await resolve(request, ref);
  if (!sha) return problem(422, `No ref found for: ${ref}`);
  if (await autoMerges(request, sha))
    return { status: 202, body: { message: `Auto-merged main into ${ref} on deployment.` } };
  if (blocked(request, sha))
    return problem(409, `Conflict: Commit status checks failed for ${ref}.`);
  return undefined;
};

const shaOf = async (request: Request) =>
  (await resolve(request, text(json(request.call)?.ref) ?? '')) ?? '';

const createDeployment = (request: Request): Handler => ({
  read: () => refusal(request),
  act: async () => {
    const deployment = newDeployment(request, await shaOf(request));
    request.state.deployments.push({ deployment, statuses: [] });
    const detail = `${request.name} ${deployment.environment} ${deployment.sha}`;
    request.site.board.count('github', 'createDeployment', detail);
    return created(deployment);
  },
  lie: async () => created(newDeployment(request, await shaOf(request))),
});

const list = (request: Request, stored: StoredDeployment[]) => {
  const { query } = request.call;
  const keys = ['sha', 'ref', 'task', 'environment'] as const;
  const found = stored
    .map(({ deployment }) => deployment)
    .filter((one) => keys.every((key) => [null, one[key]].includes(query.get(key))))
    .toReversed();
  const { items, headers } = page(request, found);
  return { ...ok(items), headers };
};

const find = ({ state, params }: Request) =>
  state.deployments.find(({ deployment }) => `${deployment.id}` === params.id);

const newStatus = (request: Request, { deployment }: StoredDeployment): DeploymentStatus => {
  const { site, call } = request;
  const input = json(call) ?? {};
  const id = site.nextId();
  return {
    url: `${deployment.url}/statuses/${id}`,
    id,
    node_id: nodeId('DeploymentStatus', id),
    state: input.state as DeploymentStatus['state'],
    creator: user(site, site.login),
    description: text(input.description) ?? '',
    environment: text(input.environment) ?? deployment.environment,
    target_url: text(input.log_url) ?? text(input.target_url) ?? '',
    log_url: text(input.log_url) ?? '',
    environment_url: text(input.environment_url) ?? '',
    created_at: site.now(),
    updated_at: site.now(),
    deployment_url: deployment.url,
    repository_url: deployment.repository_url,
  };
};

const createStatus = (request: Request): Handler => {
  const stored = find(request);
  return {
    read: () => {
      if (!stored) return notFound();
      const state = json(request.call)?.state;
      if (states.includes(String(state))) return undefined;
      return invalid(
        'DeploymentStatus',
        'state',
        state === undefined ? 'missing_field' : 'invalid',
      );
    },
    act: () => {
      const status = newStatus(request, stored!);
      stored!.statuses.push(status);
      stored!.deployment.updated_at = status.created_at;
      const detail = `${request.name} ${stored!.deployment.id} ${status.state}`;
      request.site.board.count('github', 'createDeploymentStatus', detail);
      return created(status);
    },
    lie: () => (stored ? created(newStatus(request, stored)) : notFound()),
  };
};

const listStatuses = (request: Request, newest: 'shown' | 'missing') => {
  const stored = find(request);
  if (!stored) return notFound();
  const seen = newest === 'shown' ? stored.statuses : stored.statuses.slice(0, -1);
  const { items, headers } = page(request, seen.toReversed());
  return { ...ok(items), headers };
};

/**
 * Under the fault `lying-status`, every list lacks the newest entry. A request to create an entry
 * reports success, but changes nothing.
 */
export const deploymentRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/deployments', (request) => ({
    read: () => list(request, request.state.deployments),
    lie: () => list(request, request.state.deployments.slice(0, -1)),
  })),
  route('POST /repos/{owner}/{repo}/deployments', createDeployment),
  route('GET /repos/{owner}/{repo}/deployments/{id}', (request) => ({
    read: () => {
      const stored = find(request);
      return stored ? ok(stored.deployment) : notFound();
    },
  })),
  route('GET /repos/{owner}/{repo}/deployments/{id}/statuses', (request) => ({
    read: () => listStatuses(request, 'shown'),
    lie: () => listStatuses(request, 'missing'),
  })),
  route('POST /repos/{owner}/{repo}/deployments/{id}/statuses', createStatus),
];
