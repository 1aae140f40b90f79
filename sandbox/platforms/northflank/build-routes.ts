import type { Handler } from '../../http.ts';
import { logLines } from './log-lines.ts';
import { json, notFound, ok, page, problem, route, text } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { buildShape, startedShape } from './shapes.ts';
import { concluded } from './state.ts';
import type { Build } from './state.ts';

/** Returns 404 for a service that only deploys, because it has no builds. */
const without = ({ service }: Request) =>
  service.settings.kind === 'deployment' ? notFound() : undefined;

const found = (request: Request) => request.service.builds.find(request.build);

const list = ({ call }: Request, builds: Build[]) => {
  const { found: shown, pagination } = page(call, builds.toReversed());
  return ok({ builds: shown.map(buildShape) }, pagination);
};

/**
 * Returns a build for the fault `lying-status`. It seems to be successful, even if it failed or
 * still runs.
 */
const asSuccess = (build: Build) =>
  buildShape({ ...build, status: 'SUCCESS', message: null, concludedAt: build.concludedAt ?? 0 });

const refusal = (request: Request) => {
  const { sha, branch } = json(request.call);
  const { kind } = request.service.settings;
  if (kind === 'build' && !branch) return problem(400, 'A branch or a pull request is required.');
  if (kind === 'combined' && branch)
    return problem(400, 'A combined service builds its own branch.');
  return sha === undefined || text(sha) ? undefined : problem(400, 'sha must be a string.');
};

/** Starts a build. Two requests make two builds, even for the same commit. */
const start = (request: Request): Handler => {
  const { service, board, call } = request;
  const input = async () => {
    const { sha, branch } = json(call);
    const on = text(branch) ?? service.info.branch;
    return { on, sha: text(sha) ?? (await service.builds.head(on)) ?? '' };
  };
  return {
    read: () => without(request) ?? refusal(request),
    act: async () => {
      const { sha, on } = await input();
      const build = service.builds.start(sha, on);
      board.count('northflank', 'startBuild', `${service.info.id} ${sha}`);
      return ok(startedShape(build));
    },
    lie: async () => {
      const { sha, on } = await input();
      const made = { id: 'early-lamp-0', sha, branch: on, status: 'QUEUED' } as Build;
      return (
        without(request) ?? refusal(request) ?? ok(startedShape({ ...made, createdAt: Date.now() }))
      );
    },
  };
};

const abort = (request: Request): Handler => {
  const build = found(request);
  return {
    read: () => {
      if (!build) return notFound();
      return concluded(build) ? problem(409, 'The build has already concluded.') : undefined;
    },
    act: () => {
      request.service.builds.abort(build!);
      request.board.count('northflank', 'abortBuild', `${request.service.info.id} ${build!.id}`);
      return ok({});
    },
    lie: () => (build ? ok({}) : notFound()),
  };
};

/**
 * Under the fault `lying-status`, lists lack the newest build, and show every build as successful.
 * Changes report success, but do nothing.
 */
export const buildRoutes: Route[] = [
  route('GET /build', (request) => ({
    read: () => without(request) ?? list(request, request.service.builds.builds),
    lie: () => without(request) ?? list(request, request.service.builds.builds.slice(0, -1)),
  })),
  route('POST /build', start),
  route('GET /build/{build}', (request) => {
    const build = found(request);
    return {
      read: () => (build ? ok(buildShape(build)) : notFound()),
      lie: () => (build ? ok(asSuccess(build)) : notFound()),
    };
  }),
  route('DELETE /build/{build}', abort),
  route('GET /build-logs', (request) => {
    const { builds } = request.service;
    const id = request.call.query.get('buildId');
    const build = id === null ? builds.builds.at(-1) : builds.find(id);
    return {
      read: () => without(request) ?? (build ? logLines(request.call, build.log) : notFound()),
    };
  }),
];
