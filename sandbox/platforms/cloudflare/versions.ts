import type { Handler, Reply } from '../../http.ts';
import { noScript, ok, onWorker, problem, route, workerOf } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { etagOf, versionItem, versionShape } from './shapes.ts';
import { addDeployment, keepVersion, makeVersion, newWorker, versionOf } from './state.ts';
import type { Upload, Version, Worker } from './state.ts';
import { readUpload } from './upload.ts';

const badUpload = () =>
  problem(400, 10021, 'No such module, or the upload is not multipart with a part "metadata".');

/**
 * Makes a version and starts it as a test, as Cloudflare does before it accepts an upload. Returns
 * the version, or an error response if the version does not start.
 */
async function built(request: Request, worker: Worker, upload: Upload): Promise<Version | Reply> {
  const { account, workshop } = request;
  const version = makeVersion(account, worker, { upload, source: 'wrangler', trigger: 'upload' });
  const why = await workshop.trial(version);
  return why === undefined ? version : problem(400, 10021, why);
}

const isReply = (made: Version | Reply): made is Reply => 'status' in made;

const needsDeploy =
  'This version has a Durable Object migration. Use the script upload ("wrangler deploy") for it.';

const createVersion = onWorker((request, worker) => ({
  act: async () => {
    const upload = await readUpload(request.call);
    if (!upload) return badUpload();
    if (upload.metadata.migrations) return problem(400, 10211, needsDeploy);
    const version = await built(request, worker, upload);
    if (isReply(version)) return version;
    keepVersion(request.account, worker, version);
    return ok({ ...versionShape(version, worker), startup_time_ms: 5 });
  },
  // Reports success, but does not store the version.
  lie: async () => {
    const upload = await readUpload(request.call);
    if (!upload) return badUpload();
    const given = { upload, source: 'wrangler', trigger: 'upload' } as const;
    const version = makeVersion(request.account, worker, given);
    return ok({ ...versionShape(version, worker), startup_time_ms: 5 });
  },
}));

const wrongTag = (worker: Worker, { metadata }: Upload) =>
  metadata.migrations && (metadata.migrations.old_tag ?? null) !== worker.migrationTag
    ? problem(412, 10079, `The migration tag is ${worker.migrationTag ?? 'not set'}.`)
    : undefined;

/**
 * Uploads a whole script. If the worker is new, creates the worker. Adds a version, and gives all
 * traffic to this version.
 */
const putScript = (request: Request): Handler => ({
  act: async () => {
    const { account, params } = request;
    const upload = await readUpload(request.call);
    if (!upload) return badUpload();
    const worker = workerOf(request) ?? newWorker(account, params.name ?? '');
    const wrong = wrongTag(worker, upload);
    if (wrong) return wrong;
    const version = await built(request, worker, upload);
    if (isReply(version)) return version;
    account.workers.set(worker.name, worker);
    keepVersion(account, worker, version);
    addDeployment(account, worker, {
      versions: [{ version_id: version.id, percentage: 100 }],
      source: 'wrangler',
      annotations: { 'workers/triggered_by': 'upload' },
    });
    return ok(scriptShape(worker, version));
  },
  // Reports success, but does not store the version.
  lie: async () => {
    const { account, params } = request;
    const upload = await readUpload(request.call);
    if (!upload) return badUpload();
    const worker = workerOf(request) ?? newWorker(account, params.name ?? '');
    const given = { upload, source: 'wrangler', trigger: 'upload' } as const;
    return ok(scriptShape(worker, makeVersion(account, worker, given)));
  },
});

const scriptShape = (worker: Worker, version: Version) => ({
  id: worker.name,
  tag: worker.tag,
  etag: etagOf(version),
  deployment_id: version.id.replaceAll('-', ''),
  startup_time_ms: 5,
  created_on: worker.createdOn,
  modified_on: version.createdOn,
});

const deployable = 100;

const listVersions = onWorker((request, worker) => {
  const items = (versions: Version[]) => {
    const newest = versions.toReversed();
    const shown = request.call.query.get('deployable') === 'true' ? deployable : 10;
    return ok({ items: newest.slice(0, shown).map((one) => versionItem(one, worker)) });
  };
  return {
    read: () => items(worker.versions),
    lie: () => items(worker.versions.slice(0, -1)),
  };
});

const getVersion = onWorker((request, worker) => ({
  read: () => {
    const version = versionOf(worker, request.params.id ?? '');
    return version ? ok(versionShape(version, worker)) : noScript();
  },
}));

export const versionRoutes: Route[] = [
  route('PUT /workers/scripts/{name}', putScript),
  route('POST /workers/scripts/{name}/versions', createVersion),
  route('GET /workers/scripts/{name}/versions', listVersions),
  route('GET /workers/scripts/{name}/versions/{id}', getVersion),
];
