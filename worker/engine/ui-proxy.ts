import { randomInt } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { limitedServer } from '../doors/listen.ts';
import { whyForeign } from './same-origin.ts';

/**
 * The address of the Web UI itself. The Web UI answers every page that reaches it, so this address
 * is secret. Linux has 16 million loopback addresses, and Plimsoll chooses one of them at random.
 * Other systems have only 127.0.0.1, so there only the port is random.
 */
export type HiddenUi = { host: string; port: number };

export const hiddenHost = (platform: NodeJS.Platform = process.platform): string =>
  platform === 'linux'
    ? `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
    : '127.0.0.1';

/**
 * Serves the Web UI on loopback.
 *
 * - A page of another site can neither read the UI nor send requests to it.
 * - The UI has no button for Terminate, Reset, Start and batches. A terminated deploy runs no
 *   compensation, and a reset deploy repeats its steps. The development server cannot hide these
 *   buttons, so the proxy changes the settings of the UI.
 */
export function startUiProxy(port: number, ui: HiddenUi): Promise<Server> {
  const server = limitedServer((incoming, outgoing) => {
    const foreign = whyForeign(incoming);
    if (foreign === null) return forward(ui, incoming, outgoing);
    plainText(outgoing, 403, `${foreign}\nOpen the Web UI by its own address: ${own(server)}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function own(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${address && typeof address === 'object' ? address.port : ''}`;
}

function forward(ui: HiddenUi, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { method, url: path = '/' } = incoming;
  // The UI requests this path with a question mark: "/api/v1/settings?".
  const isSettings = path.split('?')[0] === '/api/v1/settings';
  const to = { ...ui, method, path, headers: headersFor(incoming, isSettings) };
  const upstream = request(to, (answer) => {
    if (isSettings) return void answerSettings(answer, outgoing);
    outgoing.writeHead(answer.statusCode ?? 502, headersFrom(answer));
    answer.pipe(outgoing);
  });
  upstream.once('error', () => notAnswering(outgoing));
  outgoing.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

const csrfCookie = /(?:^|;\s*)_csrf=([\w-]+)/;

/**
 * Returns the headers for the UI. The UI accepts a write only if a header contains the token of its
 * cookie. The proxy sets this header, because the proxy has already checked the origin. So no
 * script needs to read the cookie.
 */
function headersFor({ headers }: IncomingMessage, isSettings: boolean) {
  const [, token] = csrfCookie.exec(headers.cookie ?? '') ?? [];
  return {
    ...headers,
    ...(isSettings ? { 'accept-encoding': 'identity' } : {}),
    ...(token === undefined ? {} : { 'x-csrf-token': token }),
  };
}

/** The settings of the UI that hide its dangerous buttons. */
const hiddenActions = {
  WorkflowTerminateDisabled: true,
  WorkflowResetDisabled: true,
  BatchActionsDisabled: true,
  StartWorkflowDisabled: true,
};

async function answerSettings(answer: IncomingMessage, outgoing: ServerResponse) {
  try {
    const settings = (await json(answer)) as Record<string, unknown>;
    const body = JSON.stringify({ ...settings, ...hiddenActions });
    const headers = { ...headersFrom(answer), 'content-length': String(Buffer.byteLength(body)) };
    outgoing.writeHead(answer.statusCode ?? 502, headers).end(body);
  } catch {
    notAnswering(outgoing);
  }
}

function headersFrom({ headers }: IncomingMessage) {
  const cookies = headers['set-cookie'];
  return {
    ...headers,
    // Another site must not show the UI in a frame, because it could lead a person to click there.
    'content-security-policy': "frame-ancestors 'none'",
    ...(cookies === undefined ? {} : { 'set-cookie': cookies.map(strict) }),
  };
}

/** Changes a cookie, so that only pages of the UI itself send it, and no script can read it. */
const strict = (cookie: string) =>
  `${cookie.replaceAll(/;\s*(samesite=\w+|httponly)/gi, '')}; HttpOnly; SameSite=Strict`;

function notAnswering(outgoing: ServerResponse) {
  if (outgoing.headersSent) return void outgoing.destroy();
  plainText(
    outgoing,
    502,
    'The Temporal server does not answer. It may be starting: reload in a few seconds.\n',
  );
}

function plainText(outgoing: ServerResponse, status: number, text: string) {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
