import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { hints } from '../activities/lib/hints.ts';
import type { Config } from '../domain/schema.ts';
import { listenAt } from './listen.ts';

type Settings = NonNullable<Config['hints']>;
type Deps = { secret: (ref: string) => string; warn: (line: string) => void };

const mostBytes = 1_000_000;

/**
 * Hears the webhooks of the platforms: `POST /vercel`, signed by Vercel; `POST /northflank/SECRET`, which
 * Northflank does not sign. Deploys go on without it, so an address that is taken is only told.
 */
export async function hearHints(settings: Settings | undefined, deps: Deps) {
  if (!settings) return { port: null, close: async () => {} };
  const secrets = {
    vercel: settings.vercel && deps.secret(settings.vercel),
    northflank: settings.northflank && deps.secret(settings.northflank),
  };
  const server = createServer((request, response) => {
    answer(request, secrets).then(
      (status) => end(response, status),
      () => end(response, 400),
    );
  });
  return await listenAt(server, settings.listen, (cause) =>
    deps.warn(deafWords(settings.listen, cause)),
  );
}

const deafWords = (listen: string, { code, message }: NodeJS.ErrnoException) =>
  `Webhooks are not heard at ${listen} (${code ?? message}): platforms are asked at their usual pace instead.\n` +
  'Another worker may listen there already; otherwise set hints.listen to a free address and start again.';

type Secrets = { vercel: string | undefined; northflank: string | undefined };

/** The status: 204 heard, 401 not theirs, 404 nothing here, 413 too large. */
async function answer(request: IncomingMessage, { vercel, northflank }: Secrets) {
  const [, platform, given = ''] = (request.url ?? '').split('/');
  if (request.method !== 'POST') return 404;
  if (platform === 'northflank' && northflank) {
    if (!same(given, northflank)) return 401;
    hints.tell('northflank');
    return 204;
  }
  if (platform !== 'vercel' || !vercel) return 404;
  if (Number(request.headers['content-length'] ?? Infinity) > mostBytes) return 413;
  const signature = createHmac('sha1', vercel)
    .update(await buffer(request))
    .digest('hex');
  if (!same(`${request.headers['x-vercel-signature'] ?? ''}`, signature)) return 401;
  hints.tell('vercel');
  return 204;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));

function end(response: ServerResponse, status: number) {
  response.writeHead(status, status === 413 ? { connection: 'close' } : {}).end();
}
