import { criticalUrls } from '../../../activities/lib/critical-urls.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reachesOnly } from '../../../activities/watch/proof.ts';
import { createSmoke } from '../../../activities/watch/smoke.ts';
import { byPlatform } from '../../../activities/platforms/driver.ts';
import type { ServedBy } from '../../../activities/platforms/driver.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

let site: Awaited<ReturnType<typeof localSite>>;
let status: Record<string, number[]>;
beforeEach(async () => {
  status = {};
  site = await localSite((request, to) => {
    const code = status[request.url ?? '']?.shift() ?? 200;
    const body = request.url === '/version' ? version() : 'answer';
    to.writeHead(code, code === 302 ? { location: 'https://login.example/' } : {}).end(body);
  });
});
const plan = planFor({});
let version: () => string;
let processes: () => Promise<ServedBy>;
beforeEach(() => {
  version = () => `{"sha":"${plan.sha}"}`;
  processes = byPlatform;
});
afterEach(() => site.close());

const host = (name: string) => ({ name, url: `${site.url}/healthz` }) as VpsHost;
const smoke = { auth: '/login', payments: 'n/a: nothing is sold', core: '/' };
const run = (hosts: VpsHost[], paths = smoke, change: Partial<VpsTarget> = {}) => {
  const target = { ...plan.target, hosts, version: '/version', ...change } as VpsTarget;
  const timing = { ...plan.timing, confirmMs: 5, startUpMs: 3000 };
  const driverOf = () => ({ processes: () => processes() }) as never;
  return createSmoke({ driverOf }).runSmoke({ deploy: plan, target, smoke: paths, timing });
};

test('asks every critical path on the origin of every host', () => {
  expect(criticalUrls([host('web-1'), host('web-2')], smoke)).toEqual([
    { path: 'auth', host: 'web-1', url: `${site.url}/login` },
    { path: 'auth', host: 'web-2', url: `${site.url}/login` },
    { path: 'core', host: 'web-1', url: `${site.url}/` },
    { path: 'core', host: 'web-2', url: `${site.url}/` },
  ]);
});

test('is ok when all answer 2xx, and says what was not tested', async () => {
  const report = await run([host('web-1')]);
  expect(report.ok).toBe(true);
  expect(report.checks[0]?.detail).toMatch(/^2xx on web-1, slowest \d+ ms$/);
  expect(report.checks[1]).toEqual({
    path: 'payments',
    outcome: 'n/a',
    detail: 'nothing is sold',
  });
});

test('asks a failed path once more before it counts', async () => {
  status['/login'] = [500];
  expect((await run([host('web-1')])).ok).toBe(true);
  status['/login'] = [500, 503];
  const report = await run([host('web-1')]);
  expect(report.ok).toBe(false);
  expect(report.checks[0]).toMatchObject({ path: 'auth', outcome: 'failed' });
  expect(report.checks[0]?.detail).toMatch(/^web-1: http:\S+\/login: 503 in \d+ ms, twice$/);
});

test.each([401, 404])('%i is not healthy', async (code) => {
  status['/login'] = [code, code];
  expect((await run([host('web-1')])).ok).toBe(false);
});

test('a login page on another site is not healthy', async () => {
  status['/login'] = [302, 302];
  const report = await run([host('web-1')]);
  expect(report.checks[0]?.detail).toBe(
    `web-1: ${site.url}/login: 302 leads to https://login.example, which is another site, twice`,
  );
});

test('nothing to test is not a pass', async () => {
  const none = { auth: 'n/a: a', payments: 'n/a: b', core: 'n/a: c' };
  expect((await run([host('web-1')], none)).ok).toBe(false);
  expect((await run([])).ok).toBe(false);
});

test('every new connection must reach the release', async () => {
  const report = await run([host('web-1')]);
  expect(report.checks[3]).toEqual({
    path: 'release',
    outcome: 'ok',
    detail: `40 new connections answered as ${plan.sha.slice(0, 7)}`,
  });
});

test('without a version page, it does not say which release answered', async () => {
  const report = await run([host('web-1')], smoke, { version: null });
  expect(report.checks[3]).toEqual({
    path: 'release',
    outcome: 'ok',
    detail: '20 new connections answered 2xx; not checked: no version path is configured',
  });
});

test('a release without an address to ask is no pass', async () => {
  const target = { ...plan.target, hosts: [], version: '/version' } as VpsTarget;
  const driverOf = () => ({ processes: byPlatform }) as never;
  expect(await reachesOnly(driverOf, { target, sha: plan.sha, timing: plan.timing })).toEqual({
    path: 'release',
    outcome: 'failed',
    detail:
      'no address of the release is known, so no request was made. Check url in plimsoll.yaml',
  });
});

test('a share of connections that reach the old release is no pass', async () => {
  let asked = 0;
  const old = 'c'.repeat(40);
  version = () => ((asked += 1) % 8 === 0 ? old : plan.sha);
  const report = await run([host('web-1')]);
  expect(report.ok).toBe(false);
  expect(report.checks[3]).toMatchObject({ path: 'release', outcome: 'failed' });
  expect(report.checks[3]?.detail).toMatch(
    /^version on web-1: http:\S+\/version failed \d+ of \d+ requests, the last time: it does not name \w{7}$/,
  );
});

test('a release that an edge serves step by step is waited for', async () => {
  let asked = 0;
  version = () => ((asked += 1) < 4 ? 'c'.repeat(40) : plan.sha);
  expect((await run([host('web-1')])).ok).toBe(true);
});

test('a process of the old release on the port is no pass, and unseen owners are named', async () => {
  const problems = [
    'web-1: port 80 is held by process 7 (node), which runs in release cccccccccccc',
  ];
  processes = async () => ({ problems, notChecked: [] });
  expect((await run([host('web-1')])).checks[3]).toEqual({
    path: 'release',
    outcome: 'failed',
    detail: problems[0],
  });
  processes = async () => ({ problems: [], notChecked: ['web-1: the owner of port 80'] });
  expect((await run([host('web-1')])).checks[3]?.detail).toBe(
    `40 new connections answered as ${plan.sha.slice(0, 7)}; not checked: web-1: the owner of port 80`,
  );
  processes = () => Promise.reject(new Error('web-1 does not answer'));
  expect((await run([host('web-1')])).checks[3]?.detail).toBe('not proven: web-1 does not answer');
});
