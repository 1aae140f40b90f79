import { fields, json, ok, onWorker, problem, route, workerOf } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { liveOf, shownBinding, versionOf } from './state.ts';
import type { Worker } from './state.ts';

const newest = (worker: Worker) =>
  versionOf(worker, liveOf(worker)?.versions[0]?.version_id ?? '') ?? worker.versions.at(-1);

const scriptShape = (worker: Worker) => ({
  id: worker.name,
  tag: worker.tag,
  tags: worker.tags,
  created_on: worker.createdOn,
  modified_on: liveOf(worker)?.createdOn ?? worker.createdOn,
  last_deployed_from: worker.lastDeployedFrom,
  compatibility_date: newest(worker)?.upload.metadata.compatibility_date,
  compatibility_flags: newest(worker)?.upload.metadata.compatibility_flags ?? [],
  ...(worker.migrationTag === null ? {} : { migration_tag: worker.migrationTag }),
});

const environmentShape = (worker: Worker) => ({
  environment: 'production',
  created_on: worker.createdOn,
  modified_on: worker.createdOn,
  script: scriptShape(worker),
});

const settingsOf = (worker: Worker) => ({
  bindings: (newest(worker)?.bindings ?? []).map(shownBinding),
  compatibility_date: newest(worker)?.upload.metadata.compatibility_date,
  compatibility_flags: newest(worker)?.upload.metadata.compatibility_flags ?? [],
  tags: worker.tags,
  usage_model: 'standard',
  ...(worker.migrationTag === null ? {} : { migration_tag: worker.migrationTag }),
});

const service = (request: Request) => {
  const worker = workerOf(request);
  return {
    read: () =>
      worker
        ? ok({ id: worker.name, default_environment: environmentShape(worker) })
        : problem(404, 10090, 'This service does not exist on your account.'),
  };
};

const patchSettings = onWorker((request, worker) => ({
  act: () => {
    const { tags } = fields(request.call);
    if (Array.isArray(tags)) worker.tags = tags.map(String);
    request.account.board.count('cloudflare', 'patchSettings', worker.name);
    return ok({ tags: worker.tags });
  },
}));

const putSchedules = onWorker(({ account, call }, worker) => {
  const given = json(call);
  return {
    read: () => (Array.isArray(given) ? undefined : problem(400, 10026, 'Send a list.')),
    act: () => {
      worker.schedules = (given as Record<string, unknown>[]).map(({ cron }) => ({
        cron: String(cron),
        createdOn: account.now(),
      }));
      account.board.count('cloudflare', 'put schedules', worker.name);
      return ok(schedulesOf(worker));
    },
  };
});

const schedulesOf = ({ schedules }: Worker) => ({
  schedules: schedules.map(({ cron, createdOn }) => ({ cron, created_on: createdOn })),
});

const on = (method: string, path: string, read: (worker: Worker) => unknown) =>
  route(
    `${method} ${path}`,
    onWorker((_, worker) => ({ read: () => ok(read(worker)) })),
  );

const environment = '/workers/services/{name}/environments/production';

export const scriptRoutes: Route[] = [
  route('GET /workers/services/{name}', service),
  on('GET', '/workers/scripts/{name}/settings', settingsOf),
  on('GET', '/workers/scripts/{name}/script-settings', ({ tags }) => ({ tags })),
  route('PATCH /workers/scripts/{name}/script-settings', patchSettings),
  on('GET', '/workers/scripts/{name}/schedules', schedulesOf),
  route('PUT /workers/scripts/{name}/schedules', putSchedules),
  // The token of the stand-in is valid only for some zones. Such a token may not set all routes of
  // a Worker at once. See `publishRoutesFallback` of wrangler.
  route(
    'PUT /workers/scripts/{name}/routes',
    onWorker(() => ({ read: () => problem(403, 10000, 'Authentication error') })),
  ),
  // wrangler compares these responses with its configuration file. In this way wrangler finds
  // changes that people made in the dashboard.
  on('GET', environment, environmentShape),
  on('GET', `${environment}/bindings`, (worker) => settingsOf(worker).bindings),
  on('GET', `${environment}/routes`, ({ routes }) => routes.map((pattern) => ({ pattern }))),
  on('GET', `${environment}/subdomain`, ({ subdomain }) => subdomain),
  route('GET /workers/domains/records', () => ({ read: () => ok([]) })),
];
