import { criticalUrls } from '../../../activities/lib/critical-urls.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSmoke } from '../../../activities/watch/smoke.ts';
import type { VpsHost } from '../../../domain/platforms/vps/target.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

let site: Awaited<ReturnType<typeof localSite>>;
let status: Record<string, number[]>;
beforeEach(async () => {
  status = {};
  site = await localSite((request, to) => {
    const code = status[request.url ?? '']?.shift() ?? 200;
    to.writeHead(code, code === 302 ? { location: 'https://login.example/' } : {}).end('answer');
  });
});
afterEach(() => site.close());

const host = (name: string) => ({ name, url: `${site.url}/healthz` }) as VpsHost;
const smoke = { auth: '/login', payments: 'n/a: nothing is sold', core: '/' };
const run = (hosts: VpsHost[], paths = smoke) => {
  const plan = planFor({});
  const target = { ...plan.target, hosts };
  const timing = { ...plan.timing, confirmMs: 5 };
  return createSmoke().runSmoke({ deploy: plan, target, smoke: paths, timing });
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
