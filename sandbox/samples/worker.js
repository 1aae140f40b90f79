import release from '../release.json';

let asked = 0;

/** Of 100 requests exactly `percent` fail, and not in a row. */
const isUnlucky = (percent) => (asked * 61) % 100 < percent;

const isBroken = (path) => {
  const { throwOn = [], throwPercent = 0, throwAfter } = release;
  if (throwOn.includes(path)) return true;
  if (path === '/health') return false;
  return isUnlucky(throwPercent) || (throwAfter !== undefined && asked > throwAfter);
};

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname !== '/health' && pathname !== '/version') asked += 1;
    if (isBroken(pathname)) throw new Error(`${release.name} cannot serve ${pathname}`);
    if (pathname === '/version') return Response.json(env.RELEASE);
    if (pathname === '/health') return new Response('ok\n');
    if (!release.paths.includes(pathname)) return new Response('not found\n', { status: 404 });
    return Response.json({ worker: release.worker, release: release.name, path: pathname });
  },
};
