import type { Handler } from '../../http.ts';
import { logLines } from './log-lines.ts';
import { deprecated, json, notFound, ok, page, problem, route, text } from './routes.ts';
import type { Request, Route } from './routes.ts';
import {
  changedShape,
  containerShape,
  deploymentShape,
  gradualShape,
  healthChecksShape,
  portsShape,
  serviceShape,
} from './shapes.ts';
import { succeeded } from './state.ts';
import type { Build } from './state.ts';

/** Returns 404 for a service that only builds, because it has no containers. */
const without = ({ service }: Request) =>
  service.settings.kind === 'build' ? notFound() : undefined;

const simple = (data: (request: Request) => unknown) => (request: Request) => ({
  read: () => without(request) ?? ok(data(request)),
});

/**
 * Returns the service for the fault `lying-status`. The rollout seems to be completed, even if its
 * containers are not ready.
 */
const asCompleted = (request: Request) => {
  const shape = serviceShape(request.service, request.version);
  const { deployment } = shape.status;
  if (!deployment) return ok(shape);
  const status = { ...shape.status, deployment: { ...deployment, status: 'COMPLETED' } };
  return ok({ ...shape, status });
};

type Wish = { build: Build; pinned: boolean };

/**
 * Returns the build that the body asks to deploy, or a text that says why this build cannot be
 * deployed.
 */
const wishOf = ({ service, services }: Request, internal: unknown): Wish | string => {
  if (!internal || typeof internal !== 'object') return 'The field internal is required.';
  const { id, buildId, buildSHA } = internal as Record<string, unknown>;
  const source = services.get(text(id) ?? service.info.buildsFrom);
  if (!source || source.info.project !== service.info.project) return `No build service "${id}".`;
  const { builds } = source.builds;
  const wanted = builds.findLast((build) => {
    if (buildId !== undefined) return build.id === buildId;
    return succeeded(build) && (buildSHA === 'latest' || build.sha === buildSHA);
  });
  if (!wanted) return 'No such build.';
  if (!succeeded(wanted)) return `Build ${wanted.id} has not succeeded.`;
  return { build: wanted, pinned: buildSHA !== 'latest' };
};

/** Refuses a deploy if a gradual rollout is active and its strategy blocks other deploys. */
const blocked = ({ service: { rollout } }: Request) =>
  rollout.gradual?.blocks && !rollout.gradual.promoted
    ? problem(409, 'A rollout is in progress.')
    : undefined;

const deploy = (request: Request, internal: unknown): Handler => {
  const { service, board } = request;
  const wish = wishOf(request, internal);
  const refused = () =>
    without(request) ??
    (typeof wish === 'string' ? problem(400, wish) : undefined) ??
    blocked(request);
  return {
    read: refused,
    act: () => {
      const { build, pinned } = wish as Wish;
      service.rollout.deploy(build, pinned);
      board.count('northflank', 'deploy', `${service.info.id} ${build.id}`);
      return ok({});
    },
    lie: () => refused() ?? ok({}),
  };
};

/**
 * Deploys a build to a deployment service. The body may contain only the fields that the
 * documentation of `PATCH services/deployment` lists for a build. The body must contain the number
 * of instances.
 */
const patch = (request: Request): Handler => {
  const { call, service } = request;
  if (service.settings.kind !== 'deployment') return { read: notFound };
  const { deployment, ...more } = json(call);
  const { instances, internal, ...rest } = (deployment ?? {}) as Record<string, unknown>;
  const unknown = [...Object.keys(more), ...Object.keys(rest)];
  if (unknown.length > 0) return { read: () => problem(400, `${unknown[0]} is not allowed.`) };
  if (!Number.isInteger(instances))
    return { read: () => problem(400, 'deployment.instances must be an integer.') };
  const { read, act } = deploy(request, internal);
  const scaled = async () => {
    service.settings.instances = Number(instances);
    await act?.();
    return ok(changedShape(service));
  };
  const lied = async () => (await read?.()) ?? ok(changedShape(service));
  return { ...(read ? { read } : {}), act: scaled, lie: lied };
};

const containers = (request: Request) => {
  const { found, pagination } = page(request.call, request.service.rollout.containers);
  return ok({ containers: found.map(containerShape) }, pagination);
};

/**
 * Under the fault `lying-status`, reads show the rollout as completed, and show the previous
 * deployment. A deploy reports success, but does nothing.
 */
export const rolloutRoutes: Route[] = [
  route('GET ', (request) => ({
    read: () => ok(serviceShape(request.service, request.version)),
    lie: () => asCompleted(request),
  })),
  deprecated('GET /deployment', (request) => {
    const { service } = request;
    const { target, before } = service.rollout;
    return {
      read: () => without(request) ?? ok(deploymentShape(service, target)),
      lie: () => without(request) ?? ok(deploymentShape(service, before ?? target)),
    };
  }),
  deprecated('POST /deployment', (request) => deploy(request, json(request.call).internal)),
  route('PATCH services/deployment/{service}', patch),
  route('GET /rollout', ({ service }) => ({
    read: () => (service.rollout.gradual ? ok(gradualShape(service.rollout.gradual)) : notFound()),
  })),
  deprecated(
    'GET /ports',
    simple(({ service }) => ({ ports: portsShape(service) })),
  ),
  deprecated(
    'GET /health-checks',
    simple(({ service }) => ({ healthChecks: healthChecksShape(service) })),
  ),
  route('GET /containers', (request) => ({ read: () => without(request) ?? containers(request) })),
  deprecated(
    'GET /runtime-environment',
    simple(({ service }) => ({
      runtimeEnvironment: service.settings.environment,
      runtimeFiles: {},
    })),
  ),
  route('GET /logs', (request) => ({
    read: () => without(request) ?? logLines(request.call, request.service.logs),
  })),
];
