import { request as send } from 'node:http';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { threwHeader } from './capnp.ts';
import type { Invocations, Status } from './invocations.ts';
import { liveOf, versionOf } from './state.ts';
import type { Account, Version, Worker } from './state.ts';
import type { Workshop } from './workshop.ts';

type Found = { worker: Worker; version: Version; preview: boolean };
type Deps = { account: Account; workshop: Workshop; invocations: Invocations };

const overrides = 'cloudflare-workers-version-overrides';

/**
 * Returns a number from 0 to 99 for the request number `count`. In 100 consecutive requests, every
 * number occurs exactly once, in mixed order.
 */
const turn = (count: number) => (count * 61) % 100;

function byShare(worker: Worker, count: number): Version | undefined {
  let rest = turn(count);
  for (const { version_id: id, percentage } of liveOf(worker)?.versions ?? []) {
    if (rest < percentage) return versionOf(worker, id);
    rest -= percentage;
  }
  return undefined;
}

/**
 * Returns the version that the header names for this worker, or undefined. The header contains
 * entries of the form `name="version"`, also for other workers. Only a version of the current
 * deployment counts.
 */
function overridden(worker: Worker, header: string | undefined): Version | undefined {
  const named = new RegExp(`(?:^|,)\\s*${worker.name}\\s*=\\s*"([^"]*)"`).exec(header ?? '')?.[1];
  const shares = liveOf(worker)?.versions ?? [];
  const share = shares.find(({ version_id: id }) => id === named);
  return share && versionOf(worker, share.version_id);
}

const previewed = ({ workers }: Account, label: string): Found | undefined => {
  const [, prefix = '', name = ''] = /^([0-9a-f]{8})-(.+)$/.exec(label) ?? [];
  const worker = workers.get(name);
  const version = worker?.versions.find(({ id }) => id.startsWith(prefix));
  return worker?.subdomain.previews_enabled && version
    ? { worker, version, preview: true }
    : undefined;
};

/**
 * Returns a function that finds the worker and the version for a request. A request to the host
 * `<worker>.localhost` goes to production. A request to the host `<first 8 digits of the
 * id>-<worker>.localhost` goes to the version with that id.
 */
const createRouter = (account: Account) => {
  const counts = new Map<string, number>();
  return ({ host = '', [overrides]: header }: IncomingHttpHeaders): Found | undefined => {
    const label = host.replace(/(\.localhost)?(:\d+)?$/, '');
    const worker = account.workers.get(label);
    if (!worker) return previewed(account, label);
    const count = counts.get(label) ?? 0;
    counts.set(label, count + 1);
    const version = overridden(worker, header?.toString()) ?? byShare(worker, count);
    return version && worker.subdomain.enabled ? { worker, version, preview: false } : undefined;
  };
};

const plain = (response: ServerResponse, status: number, text: string) =>
  void response.writeHead(status, { 'content-type': 'text/plain' }).end(text);

function pass(port: number, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Status> {
  const { method, url: path, headers } = incoming;
  return new Promise((resolve) => {
    const failed = () => {
      if (!outgoing.headersSent) plain(outgoing, 503, 'error code: 1102');
      resolve('exceededResources');
    };
    const options = { host: '127.0.0.1', port, method, path, headers };
    const inner = send(options, (answer) => {
      const { [threwHeader]: threw, ...rest } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, rest);
      answer.pipe(outgoing).on('error', failed);
      answer
        .on('error', failed)
        .on('end', () => resolve(threw ? 'scriptThrewException' : 'success'));
    });
    inner.on('error', failed);
    incoming.pipe(inner);
  });
}

/**
 * Starts the server for the traffic of all workers of the account, like Cloudflare's edge. The Host
 * header chooses the worker.
 */
export async function startFront({ account, workshop, invocations }: Deps) {
  const find = createRouter(account);
  const server = createServer(async (incoming, outgoing) => {
    outgoing.on('error', () => {});
    const found = find(incoming.headers);
    if (!found) return plain(outgoing, 404, 'error code: 1042');
    const { worker, version, preview } = found;
    try {
      const { port } = await workshop.serve(version);
      const status = await pass(port, incoming, outgoing);
      invocations.add({ script: worker.name, version: version.id, preview, status });
    } catch {
      plain(outgoing, 503, 'error code: 1101');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    return closed;
  };
  return { port, close };
}
