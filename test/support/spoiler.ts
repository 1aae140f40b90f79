import { createServer, request as ask } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How to spoil an answer. An undefined field leaves that part of the answer unchanged. */
type Spoilt = { status?: number; body?: (whole: Buffer) => string | Buffer; drop?: true };

const text = (body: string) => ({ status: 200, body: () => body });

/** The bad answers that the proxy can give to a call, by name. */
export const spoils = {
  '401': { status: 401, body: () => '{"message":"Bad credentials"}' },
  '403': { status: 403, body: () => '{"message":"Forbidden"}' },
  '404': { status: 404, body: () => '{"message":"Not Found"}' },
  '429': { status: 429, body: () => '{"message":"Too many requests"}' },
  '500': { status: 500, body: () => '{"message":"Internal error"}' },
  '503 as HTML': { status: 503, body: () => '<html>Bad gateway</html>' },
  dropped: { drop: true },
  empty: text(''),
  'no JSON': text('<html>Log in</html>'),
  truncated: { body: (whole) => whole.subarray(0, Math.floor(whole.length / 2)) },
  null: text('null'),
  'another form': text('{"surprise":[true]}'),
} satisfies Record<string, Spoilt>;
export type Spoil = keyof typeof spoils;

async function bodyOf(stream: AsyncIterable<Buffer>) {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** The name of a call: method and path, without ids and hashes, which change in every run. */
const nameOf = ({ method = '', url = '' }: IncomingMessage) =>
  `${method} ${url
    .replace(/\?.*$/, '')
    .replaceAll(/\/[0-9a-f]{8,}(-[0-9a-f]{4,})*(?=\/|$)/g, '/…')
    .replaceAll(/\/(dpl|prj|team)_\w+/g, '/$1_…')
    .replaceAll(/\/127\.0\.0\.1%3A\d+(?=\/|$)/g, '/HOST')
    .replaceAll(/\/\d+(?=\/|$)/g, '/…')}`;

/**
 * Starts a proxy in front of a stand-in on this machine. The proxy lists all calls and can spoil
 * the answers to one call.
 */
export async function startSpoiler(address: string) {
  const calls = new Set<string>();
  let target: { call: string; spoil: Spoil } | null = null;
  let spoilt = 0;
  const forward = async (inward: IncomingMessage, body: Buffer) =>
    await new Promise<IncomingMessage>((resolve, reject) =>
      ask(new URL(inward.url ?? '', address), {
        method: inward.method,
        headers: { ...inward.headers, host: new URL(address).host },
      })
        .on('response', resolve)
        .on('error', reject)
        .end(body),
    );
  const serve = async (inward: IncomingMessage, outward: ServerResponse) => {
    const call = nameOf(inward);
    calls.add(call);
    const how: Spoilt = target?.call === call ? spoils[target.spoil] : {};
    const real = await forward(inward, await bodyOf(inward));
    const whole = await bodyOf(real);
    const { 'content-length': _, 'transfer-encoding': _chunked, ...headers } = real.headers;
    if (headers.location) headers.location = headers.location.replace(address, own());
    const { status = real.statusCode ?? 500, body = (as: Buffer) => as } = how;
    const told = Buffer.from(body(whole));
    if (how.drop || status !== real.statusCode || !told.equals(whole)) spoilt += 1;
    if (how.drop) return void inward.socket.destroy();
    outward.writeHead(status, headers).end(told);
  };
  const server = createServer((inward, outward) => void serve(inward, outward));
  const own = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: own(),
    calls: () => [...calls].toSorted(),
    spoil(call: string, spoil: Spoil) {
      target = { call, spoil };
      spoilt = 0;
    },
    /** How many answers were changed or dropped since `spoil` was called. */
    spoilt: () => spoilt,
    forget: () => calls.clear(),
    mend: () => void (target = null),
    close: () => (server.closeAllConnections(), new Promise((done) => server.close(done))),
  };
}
export type Spoiler = Awaited<ReturnType<typeof startSpoiler>>;
