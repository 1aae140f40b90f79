import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpDeaf } from '../../../domain/messages/slack-click.ts';
import { freshMs } from '../../../domain/approval/slack-click.ts';
import { limitedServer, listenAt } from '../listen.ts';
import type { Listening } from '../listen.ts';

export type HttpSettings = {
  listen: string;
  signingSecret: string;
  hear: (payload: unknown) => Promise<void>;
  warn: (line: string) => void;
  now?: () => number;
};
type Answer = { status: number; text: string };

const mostBytes = 1_000_000;
const skewSeconds = freshMs / 1000;

/**
 * Serves `POST /slack`, and accepts only requests that Slack signed (version v0). If the address is
 * in use, the function only prints a warning, because approvals by key work without this server.
 */
export async function openHttp(settings: HttpSettings): Promise<Listening> {
  const server = limitedServer((request, response) => {
    answer(request, settings).then(
      (reply) => end(response, reply),
      () => end(response, { status: 400, text: 'The request could not be read.' }),
    );
  });
  return await listenAt(server, settings.listen, ({ code, message }) =>
    settings.warn(httpDeaf(settings.listen, code ?? message)),
  );
}

async function answer(request: IncomingMessage, settings: HttpSettings): Promise<Answer> {
  if (request.method !== 'POST' || request.url !== '/slack')
    return { status: 404, text: 'Only POST /slack is accepted here.' };
  const body = await read(request);
  if (body === null) return { status: 413, text: 'The request is too large for a click.' };
  const refused = whyUnsigned(request, body, settings);
  if (refused !== null) return { status: 401, text: refused };
  const payload = new URLSearchParams(body.toString()).get('payload');
  await settings.hear(JSON.parse(payload ?? 'null'));
  return { status: 200, text: '' };
}

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/**
 * Returns the reason why a request is refused. Returns null if Slack signed the request at most 5
 * min ago. The signature is checked first, because the time in an unsigned request proves nothing.
 */
function whyUnsigned(
  { headers }: IncomingMessage,
  body: Buffer,
  { signingSecret, now = Date.now }: HttpSettings,
): string | null {
  const stamp = String(headers['x-slack-request-timestamp'] ?? '');
  const given = String(headers['x-slack-signature'] ?? '');
  const mac = createHmac('sha256', signingSecret).update(`v0:${stamp}:`).update(body);
  const own = Buffer.from(`v0=${mac.digest('hex')}`);
  const theirs = Buffer.from(given);
  if (theirs.length !== own.length || !timingSafeEqual(theirs, own))
    return "The signature was not made with this app's signing secret.";
  if (!/^\d{1,12}$/.test(stamp)) return 'The request has no time.';
  const ahead = Number(stamp) - now() / 1000;
  if (ahead > skewSeconds) return 'The time of the request is more than 5 min ahead of this clock.';
  return ahead < -skewSeconds ? 'The request is more than 5 min old.' : null;
}

function end(response: ServerResponse, { status, text }: Answer) {
  const close = status === 413 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'text/plain', ...close }).end(text);
}
