import release from '../release.json';

let asked = 0;

/**
 * The paths that a bad release still answers, unless `throwOn` contains the path. A test can then
 * read the name of the bad release from /version.
 */
const aboutItself = ['/health', '/version'];

/**
 * Returns true if the current request must fail. Exactly `percent` of every 100 requests fail, in
 * mixed order.
 */
const isUnlucky = (percent) => (asked * 61) % 100 < percent;

const isBroken = (path) => {
  const { throwOn = [], throwPercent = 0, throwAfter } = release;
  if (throwOn.includes(path)) return true;
  if (aboutItself.includes(path)) return false;
  return isUnlucky(throwPercent) || (throwAfter !== undefined && asked > throwAfter);
};

async function reaches(url) {
  const asked = fetch(url, { signal: AbortSignal.timeout(1000) });
  return asked.then(
    ({ ok }) => ok,
    () => false,
  );
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (!aboutItself.includes(pathname)) asked += 1;
    if (isBroken(pathname)) throw new Error(`${release.name} cannot serve ${pathname}`);
    if (pathname === '/version') return Response.json({ ...env.RELEASE, name: release.name });
    if (pathname === '/health') return new Response('ok\n');
    if (!release.paths.includes(pathname)) return new Response('not found\n', { status: 404 });
    if (release.needs && !(await reaches(release.needs)))
      return new Response(`${release.needs} is gone\n`, { status: 502 });
    return Response.json({ worker: release.worker, release: release.name, path: pathname });
  },
};
