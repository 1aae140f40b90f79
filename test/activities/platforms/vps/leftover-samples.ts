import { readdirSync, readlinkSync } from 'node:fs';
import type { VpsFixture } from './fixture.ts';

/** A server that answers with `text`. It ends by itself after two minutes. */
export const listener = (text: string, { reusePort = true } = {}) => `
import { createServer } from 'node:http';
createServer(({ url }, response) => response.end(url === '/healthz' ? 'ok' : '${text}'))
  .listen({ port: process.env.PORT, host: '127.0.0.1', reusePort: ${reusePort} });
setTimeout(() => process.exit(), 120_000);
`;

/** A service whose worker process still runs after a stop, as with KillMode=process. */
export const outlived = (worker: string, env = 'process.env') => ({
  'worker.mjs': worker,
  'server.mjs': `
import { spawn } from 'node:child_process';
const env = ${env};
spawn(process.execPath, ['worker.mjs'], { stdio: 'ignore', detached: true, env }).unref();
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
`,
});

export const good = { 'server.mjs': listener('shop 1') };

/** These services have no version page and no heartbeat page. */
export const plain = { version: null, heartbeat: null };

/** Returns the different texts of 20 answers of the service. */
export async function answersOf({ handles }: VpsFixture) {
  const url = handles[0]?.insideUrl as string;
  const texts = Array.from({ length: 20 }, async () => {
    const response = await fetch(url, { headers: { connection: 'close' } });
    return await response.text();
  });
  return [...new Set(await Promise.all(texts))];
}

/** Returns the ids of the processes that run in the directory of the release. */
export const runningIn = (sha: string) =>
  readdirSync('/proc')
    .filter((it) => /^\d+$/.test(it))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).endsWith(sha);
      } catch {
        return false;
      }
    });
