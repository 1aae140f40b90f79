import { askPaths } from '../../../activities/lib/health.ts';
import { request } from '../../../activities/lib/http.ts';
import { readOutside } from '../../../activities/platforms/vps/outside.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';

/**
 * Usage: `node read-bodies.ts URL READER`. Reads the bodies of the site as the worker does. Prints
 * the largest growth of the memory in MB, and the time in ms.
 */
const [url = '', reader = ''] = process.argv.slice(2);

const paths = { health: `${url}/healthz`, version: '/version', heartbeat: '/heartbeat' };
const smoke = { auth: '/login', payments: '/pay', core: '/' };
const readers: Record<string, () => Promise<unknown>> = {
  host: () =>
    readOutside(paths as unknown as VpsTarget, { url } as never, new AbortController().signal),
  paths: () =>
    askPaths({ origin: url, health: '/healthz', name: 'shop' }, { smoke, confirmMs: 0 } as never),
  vendor: () => request({ method: 'GET', url, timeoutMs: 5000 }).catch(() => undefined),
};

const before = process.memoryUsage().rss;
let most = before;
const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
const started = performance.now();
await readers[reader]?.();
clearInterval(timer);
most = Math.max(most, process.memoryUsage().rss);
process.stdout.write(
  JSON.stringify({ mb: (most - before) / 1e6, ms: performance.now() - started }),
);
