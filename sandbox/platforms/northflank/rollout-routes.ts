import type { Handler } from '../../http.ts';
import { logLines } from './log-lines.ts';
import { json, notFound, ok, page, problem, route, text } from './routes.ts';
import type { Request, Route } from './routes.ts';
import {
  containerShape,
  deploymentShape,
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
  look: () => without(request) ?? ok(data(request)),
});

/**
 * Under the fault `lying-status`, shows the rollout as completed, even if its containers are not
 * ready.
 */
const asCompleted = (request: Request) => {
  const shape = serviceShape(request.service);
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
const wishOf = ({ call, service, services }: Request): Wish | string => {
  const { internal } = json(call);
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

const deploy = (request: Request): Handler => {
  const { service, board } = request;
  const wish = wishOf(request);
  const refused = () =>
    without(request) ?? (typeof wish === 'string' ? problem(400, wish) : undefined);
  return {
    look: refused,
    act: () => {
      const { build, pinned } = wish as Wish;
      service.rollout.deploy(build, pinned);
      board.count('northflank', 'deploy', `${service.info.id} ${build.id}`);
      return ok({});
    },
    lie: () => refused() ?? ok({}),
  };
};

const containers = (request: Request) => {
  const { found, pagination } = page(request.call, request.service.rollout.containers);
  return ok({ containers: found.map(containerShape) }, pagination);
};

/**
 * Under the fault `lying-status`, the rollout seems to be completed, and reads show the previous
 * deployment. A deploy reports success, but does nothing.
 */
export const rolloutRoutes: Route[] = [
  route('GET ', (request) => ({
    look: () => ok(serviceShape(request.service)),
    lie: () => asCompleted(request),
  })),
  route('GET /deployment', (request) => {
    const { service } = request;
    const { target, before } = service.rollout;
    return {
      look: () => without(request) ?? ok(deploymentShape(service, target)),
      lie: () => without(request) ?? ok(deploymentShape(service, before ?? target)),
    };
  }),
  route('POST /deployment', deploy),
  route(
    'GET /ports',
    simple(({ service }) => ({ ports: portsShape(service) })),
  ),
  route(
    'GET /health-checks',
    simple(({ service }) => ({ healthChecks: healthChecksShape(service) })),
  ),
  route('GET /containers', (request) => ({ look: () => without(request) ?? containers(request) })),
  route(
    'GET /runtime-environment',
    simple(({ service }) => ({
      runtimeEnvironment: service.settings.environment,
      runtimeFiles: {},
    })),
  ),
  route('GET /logs', (request) => ({
    look: () => without(request) ?? logLines(request.call, request.service.logs),
  })),
];
