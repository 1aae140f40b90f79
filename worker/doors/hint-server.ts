import type { IncomingMessage, ServerResponse } from 'node:http';
import { hints } from '../../activities/lib/hints.ts';
import { moduleOf } from '../../activities/platforms/index.ts';
import { platformNames } from '../../domain/platforms/index.ts';
import type { Platform } from '../../domain/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';
import { limitedServer, listenAt } from './listen.ts';

type Settings = NonNullable<Config['hints']>;
type Deps = { secret: (ref: string) => string; warn: (line: string) => void };

const mostBytes = 1_000_000;

/**
 * Receives the webhooks of the platforms at `POST /<platform>/…`. The module of the platform checks
 * each webhook. If the address cannot be used, the function only prints a warning, because deploys
 * work without webhooks.
 */
export async function receiveHints(settings: Settings | undefined, deps: Deps) {
  if (!settings) return { port: null, close: async () => {} };
  const secrets: Secrets = new Map();
  for (const platform of platformNames) {
    const ref = settings[platform];
    if (ref) secrets.set(platform, deps.secret(ref));
  }
  const server = limitedServer((request, response) => {
    answer(request, secrets).then(
      (status) => end(response, status),
      () => end(response, 400),
    );
  });
  return await listenAt(server, settings.listen, (cause) =>
    deps.warn(notListeningWords(settings.listen, cause)),
  );
}

const notListeningWords = (listen: string, { code, message }: NodeJS.ErrnoException) =>
  `Webhooks cannot be received at ${listen} (${code ?? message}), so Plimsoll polls the platforms at the usual interval.\n` +
  'Another worker may listen there already. If not, set hints.listen to a free address, and start the worker again.';

type Secrets = Map<string, string>;

const statuses = { genuine: 204, 'not theirs': 401, 'too large': 413 } as const;

/** Returns the HTTP status: 204 accepted, 401 wrong sender, 404 unknown path, 413 too large. */
async function answer(request: IncomingMessage, secrets: Secrets) {
  const [, name = '', rest = ''] = (request.url ?? '').split('/');
  const secret = secrets.get(name);
  if (request.method !== 'POST' || secret === undefined) return 404;
  const platform = name as Platform;
  const webhook = {
    rest,
    header: (key: string) => `${request.headers[key] ?? ''}`,
    body: () => bodyOf(request),
  };
  const checked = (await moduleOf(platform).checkWebhook?.(webhook, secret)) ?? 'not theirs';
  if (checked === 'genuine') hints.wake(platform);
  return statuses[checked];
}

/**
 * Reads the body. Returns null if the body is too long. A proxy may send chunks without a length,
 * so the bytes are counted.
 */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  // Without this option, a long body would close the connection before the response.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > mostBytes) return null;
  }
  return Buffer.concat(chunks);
}

function end(response: ServerResponse, status: number) {
  response.writeHead(status, status === 413 ? { connection: 'close' } : {}).end();
}
