// The sample service. It needs no npm packages. The file release.json in the same directory lists
// the faults of this release.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const here = import.meta.dirname;
const sha = process.env.RELEASE_SHA ?? checkedOut() ?? basename(process.cwd());
const release = JSON.parse(readFileSync(join(here, 'release.json'), 'utf8'));
/** Returns the commit that was checked out in this directory when the process started. */
function checkedOut() {
  try {
    const head = readFileSync(join(here, '.git/HEAD'), 'utf8').trim();
    return /^[0-9a-f]{40}$/.test(head) ? head : undefined;
  } catch {
    return undefined;
  }
}
const startedAt = Date.now();
const critical = { '/': 'home', '/login': 'sign in', '/pay': 'checkout' };
let payments = 0;

const failMs =
  release.failAfterMs === undefined
    ? Infinity
    : Number(process.env.FAIL_AFTER_MS ?? release.failAfterMs);
const failing = () =>
  payments > (release.failAfterProbes ?? Infinity) || Date.now() - startedAt > failMs;

async function reaches(url) {
  const asked = fetch(url, { signal: AbortSignal.timeout(1000) });
  return asked.then(
    ({ ok }) => ok,
    () => false,
  );
}

async function answer(path) {
  if (path === '/healthz') return release.neverHealthy ? [503, 'starting'] : [200, 'ok'];
  if (path === '/version') return [200, JSON.stringify({ sha, name: release.name })];
  if (path === '/heartbeat') return [200, JSON.stringify({ at: new Date().toISOString() })];
  if (!(path in critical)) return [404, 'not found'];
  if (path === '/pay') payments += 1;
  if (release.slowMs) await new Promise((resolve) => setTimeout(resolve, release.slowMs));
  if (release.needs && !(await reaches(release.needs))) return [502, `${release.needs} is gone`];
  if (failing()) return [500, `${critical[path]} failed`];
  return [200, `${critical[path]} of ${release.name}`];
}

if (release.crashAtStart) {
  console.error('<3>error: DATABASE_URL is not set');
  process.exit(1);
}

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://service').pathname;
  const [status, body] = await answer(path);
  if (status === 500)
    console.log(`<3>error: ${request.method} ${path}: payment provider answered 401`);
  else if (release.errorsOnly && path in critical)
    console.log(`<3>error: ${path}: cache is not reachable`);
  console.log(`${request.method} ${path} ${status}`);
  response.writeHead(status, {
    'content-type': body.startsWith('{') ? 'application/json' : 'text/plain',
  });
  response.end(body);
});
const port = release.wrongPort ? 0 : Number(process.env.PORT);
server.listen(port, '127.0.0.1', () =>
  console.log(`${release.name} listens on ${server.address().port}`),
);
process.on('SIGTERM', () => process.exit(0));
