import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/**
 * Serves the Web UI without its Terminate button, because a terminated deploy runs no compensation.
 * The development server has no option for this. So the proxy changes the settings of the UI, and
 * passes everything else through.
 */
export function startUiProxy(port: number, upstreamPort: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => forward(upstreamPort, incoming, outgoing));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function forward(port: number, incoming: IncomingMessage, outgoing: ServerResponse) {
  // The UI requests this path with a question mark: "/api/v1/settings?".
  const isSettings = incoming.url?.split('?')[0] === '/api/v1/settings';
  const { method, url: path } = incoming;
  const headers = isSettings
    ? { ...incoming.headers, 'accept-encoding': 'identity' }
    : incoming.headers;
  const upstream = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    if (isSettings) return void answerSettings(answer, outgoing);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.once('error', () => notAnswering(outgoing));
  outgoing.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

async function answerSettings(answer: IncomingMessage, outgoing: ServerResponse) {
  try {
    const settings = (await json(answer)) as Record<string, unknown>;
    const body = JSON.stringify({ ...settings, WorkflowTerminateDisabled: true });
    const headers = { ...answer.headers, 'content-length': String(Buffer.byteLength(body)) };
    outgoing.writeHead(answer.statusCode ?? 502, headers).end(body);
  } catch {
    notAnswering(outgoing);
  }
}

function notAnswering(outgoing: ServerResponse) {
  if (outgoing.headersSent) return void outgoing.destroy();
  outgoing.writeHead(502, { 'content-type': 'text/plain' });
  outgoing.end(
    'The Temporal server does not answer. It may be starting: reload in a few seconds.\n',
  );
}
