import { fields, ok, onWorker, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import type { Reply } from '../../http.ts';
import { addDeployment, keepVersion, liveOf, makeVersion } from './state.ts';
import type { Account, Secret, Worker } from './state.ts';

const shape = ({ name }: Secret) => ({ name, type: 'secret_text' });

/**
 * Sets a secret and returns it, as the dashboard does. Also makes a new version with the code of
 * the newest version. The new version serves all traffic at once.
 */
export function putSecret(account: Account, worker: Worker, name: string, text: string): Secret {
  const revision = Math.max(0, ...worker.secrets.map((one) => one.revision)) + 1;
  const secret = { name, text, revision };
  worker.secrets = [...worker.secrets.filter((one) => one.name !== name), secret];
  account.board.count('cloudflare', 'putSecret', `${worker.name} ${name}`);
  const upload = worker.versions.at(-1)?.upload;
  if (!upload) return secret;
  const plain = { ...upload, metadata: { ...upload.metadata, annotations: {} } };
  const given = { upload: plain, source: 'api', trigger: 'secret' } as const;
  const version = makeVersion(account, worker, given);
  keepVersion(account, worker, version);
  const { lastDeployedFrom } = worker;
  addDeployment(account, worker, {
    versions: [{ version_id: version.id, percentage: 100 }],
    source: 'api',
    annotations: { 'workers/triggered_by': 'secret' },
  });
  worker.lastDeployedFrom = lastDeployedFrom;
  return secret;
}

const asked = ({ call }: Request) => {
  const { name, text, type } = fields(call);
  const right = typeof name === 'string' && typeof text === 'string' && type === 'secret_text';
  return right ? { name, text } : undefined;
};

/**
 * Returns Cloudflare's refusal to edit a secret. Returns undefined if the newest version has all
 * traffic. `wrangler secret put` recognises this refusal by its code and explains it.
 */
function notDeployed(worker: Worker): Reply | undefined {
  const newest = worker.versions.at(-1);
  const live = liveOf(worker)?.versions ?? [];
  const whole = live.some(
    ({ version_id: id, percentage }) => id === newest?.id && percentage === 100,
  );
  if (newest === undefined || whole) return undefined;
  return problem(
    400,
    10215,
    'Secret edit failed. You attempted to modify a secret, but the latest version of your Worker ' +
      "isn't currently deployed.",
  );
}

export const secretRoutes: Route[] = [
  route(
    'GET /workers/scripts/{name}/secrets',
    onWorker((_, worker) => ({ read: () => ok(worker.secrets.map(shape)) })),
  ),
  route(
    'PUT /workers/scripts/{name}/secrets',
    onWorker((request, worker) => ({
      read: () =>
        asked(request)
          ? notDeployed(worker)
          : problem(400, 10026, 'A secret needs name, text and type.'),
      act: () => {
        const { name = '', text = '' } = asked(request) ?? {};
        return ok(shape(putSecret(request.account, worker, name, text)));
      },
    })),
  ),
];
