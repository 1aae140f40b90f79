import type { Call, Handler, Reply } from '../../http.ts';
import type { Access, Action, Need, Resource } from './roles.ts';
import { notFound, problem } from './site.ts';
import type { Site } from './site.ts';
import type { Deployment, Project } from './state.ts';

/** The input of every route. `access` contains the rights of the token that the call uses. */
export type Request = {
  call: Call;
  site: Site;
  params: Record<string, string>;
  access: Access;
};
export type Route = {
  pattern: RegExp;
  need: Need;
  answer: (request: Request) => Handler;
};

/**
 * Makes a route from a template, such as `GET /v9/projects/{project}`. A parameter never matches a
 * slash. `needs` is the right that the call needs, such as "project.read".
 */
export const route = (
  template: string,
  needs: `${Resource}.${Action}`,
  answer: Route['answer'],
): Route => {
  const [resource, action] = needs.split('.') as [Resource, Action];
  const pattern = new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
  return { pattern, need: { resource, action }, answer };
};

export const match = (routes: readonly Route[], call: Call) => {
  for (const { pattern, need, answer } of routes) {
    const found = pattern.exec(`${call.method} ${call.path}`);
    if (!found) continue;
    const pairs = Object.entries(found.groups ?? {});
    const params = Object.fromEntries(
      pairs.map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    return { need, answer, params };
  }
  return undefined;
};

/**
 * Returns the JSON object of the body, `{}` if the body is empty, or undefined if the body is not
 * an object.
 */
export const json = (call: Call): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(call.body.toString() || '{}');
    return value && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};
export const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
export const badRequest = (message: string) => problem(400, 'bad_request', message);

/** Finds the project of a request. A path with `{projectId}` accepts only the id, not the name. */
const projectIn = ({ site, params }: Request): Project | undefined =>
  site.projects.find(({ id, name }) =>
    params['projectId'] === undefined
      ? [id, name].includes(params['project'] ?? '')
      : id === params['projectId'],
  );

export type Found = { project: Project; deployment: Deployment };

/**
 * Finds the deployment of a request. The path of the request contains the id of the deployment or
 * the host of its address.
 */
const deploymentIn = ({ site, params }: Request): Found | undefined => {
  for (const project of site.projects)
    for (const deployment of project.deployments)
      if ([deployment.id, deployment.site.host].includes(params['deployment'] ?? ''))
        return { project, deployment };
  return undefined;
};

type Of<Thing> = (thing: Thing) => Handler;

const absent = (what: string): Handler => {
  const reply = () => notFound(what);
  return { read: reply, lie: reply };
};

export const ofProject = (request: Request, handler: Of<Project>): Handler => {
  const project = projectIn(request);
  return project ? handler(project) : absent('Project');
};
export const ofDeployment = (request: Request, handler: Of<Found>): Handler => {
  const found = deploymentIn(request);
  return found ? handler(found) : absent('Deployment');
};

/**
 * Returns the newest items that were created after `since` and before `until`, at most `limit`
 * items. `more` is true if older items remain.
 */
export const paged = <Item extends { createdAt: number }>({ call }: Request, items: Item[]) => {
  const limit = Math.min(100, Math.max(1, Number(call.query.get('limit') ?? 20) || 20));
  const until = Number(call.query.get('until') ?? Infinity) || Infinity;
  const since = Number(call.query.get('since') ?? 0) || 0;
  const rest = items
    .filter(({ createdAt }) => createdAt < until && createdAt > since)
    .toSorted((one, other) => other.createdAt - one.createdAt);
  return { items: rest.slice(0, limit), more: rest.length > limit };
};

export const done = (status: number): Reply => ({ status, body: Buffer.from('') });
