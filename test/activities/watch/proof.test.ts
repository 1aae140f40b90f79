import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { byPlatform } from '../../../activities/platforms/driver.ts';
import type { Driver } from '../../../activities/platforms/driver.ts';
import { createProof } from '../../../activities/watch/proof.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

const plan = planFor({});
const old = 'c'.repeat(40);
const taken = plan.sha;
const smoke = { auth: '/login', payments: 'n/a: nothing is sold', core: '/' };

let site: Awaited<ReturnType<typeof localSite>>;
/** Returns the status of an answer. `asked` is the number of earlier requests to the path. */
let answer: (path: string, asked: number) => number;
let version: string;
/** The value that a guarded site wants in the header Authorization; null = the site is open. */
let wants: string | null;
let headers: Record<string, string>;
let ports: Set<number | undefined>;
let inspect: Driver['inspect'];
let processes: Driver['processes'];

const live = (change: Partial<HostState> = {}): HostState => ({
  host: 'web-1',
  sha: old,
  runningSha: old,
  invocationId: null,
  active: true,
  healthy: true,
  ...change,
});

beforeEach(async () => {
  answer = () => 200;
  version = old;
  wants = null;
  headers = {};
  ports = new Set();
  inspect = async () => [live()];
  processes = byPlatform;
  const asked = new Map<string, number>();
  site = await localSite((request, to) => {
    const path = request.url ?? '';
    const before = asked.get(path) ?? 0;
    asked.set(path, before + 1);
    ports.add(request.socket.remotePort);
    if (wants !== null && request.headers.authorization !== wants)
      return void to.writeHead(401).end();
    to.writeHead(answer(path, before)).end(path === '/version' ? version : 'shop');
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  return site.close();
});

/**
 * With this scale, a proof takes at most `leastMs`. A proof that fails takes all this time, and
 * one that succeeds only as long as the requests need.
 */
async function prove(leastMs = 500) {
  const host = { name: 'web-1', url: site.url } as VpsHost;
  const target = {
    ...plan.target,
    hosts: [host],
    version: '/version',
    headers,
    health: 'http://127.0.0.1/healthz',
  } as VpsTarget;
  const driverOf = () => ({ inspect, processes }) as never;
  return await createProof({ driverOf, leastMs, readMs: 500 }).proveServed({
    deploy: plan,
    target,
    release: { id: 'r', sha: old },
    smoke,
    timing: { ...plan.timing, confirmMs: 10, scale: 1000 },
  });
}

/**
 * The problems of a proof that fails. On a busy machine, 20 requests of each path may take longer
 * than a short proof lasts. The proof says so, and a test of its own checks this sentence.
 */
async function problemsOf(): Promise<string[]> {
  const { problems } = await prove();
  return problems.filter((problem) => !problem.includes(' was asked only '));
}

/** On a busy machine, 80 requests can take more than 2 s. */
const longer = 60_000;

describe('proven is', () => {
  test('20 right answers of health, version and every critical path, each over a new connection', async () => {
    expect(await prove(longer)).toEqual({ requests: 80, problems: [], notChecked: [] });
    expect(ports.size).toBe(80);
    expect([...new Set(site.reached)].toSorted()).toEqual(['/', '/healthz', '/login', '/version']);
  });

  test('a slow start, and then more right answers than before', async () => {
    answer = (path, asked) => (path === '/' && asked < 10 ? 503 : 200);
    const { requests, problems } = await prove(longer);
    expect(problems).toEqual([]);
    expect(requests).toBe(3 * 20 + 10 + 30);
  });

  test('a guarded site, asked with the headers of its environment', async () => {
    vi.stubEnv('STAGING_AUTH', 'Basic abc');
    wants = 'Basic abc';
    headers = { Authorization: 'env:STAGING_AUTH' };
    expect(await prove(longer)).toEqual({ requests: 80, problems: [], notChecked: [] });
  });

  test('what could not be seen is named', async () => {
    processes = async () => ({ problems: [], notChecked: ['web-1: the owner of port 80'] });
    expect(await prove(longer)).toMatchObject({
      problems: [],
      notChecked: ['web-1: the owner of port 80'],
    });
  });
});

describe('still failing is', () => {
  const at = (path: string) => `${site.url}${path}`;

  test.each([
    ['the path that condemned the release', '/', 'core', () => 500],
    [
      'a path that fails for one of eight processes',
      '/login',
      'auth',
      (n: number) => (n % 8 === 7 ? 500 : 200),
    ],
    ['health that flaps', '/healthz', 'health', (n: number) => (n % 15 === 14 ? 503 : 200)],
    ['a path that fails again later', '/', 'core', (n: number) => (n > 15 ? 502 : 200)],
  ])('%s', { timeout: 20_000 }, async (_, path, name, status) => {
    answer = (asked, n) => (asked === path ? status(n) : 200);
    const problems = await problemsOf();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      new RegExp(
        `^${name} on web-1: ${at(path)} failed \\d+ of \\d+ requests, the last time: it answered 50\\d$`,
      ),
    );
  });

  test('a version path that still names the failed release', { timeout: 20_000 }, async () => {
    version = taken;
    const problems = await problemsOf();
    expect(problems[0]).toMatch(
      new RegExp(
        `^version on web-1: ${at('/version')} failed (\\d+) of \\1 requests, the last time: it still names ${taken.slice(0, 7)}$`,
      ),
    );
  });

  test(
    'an old release that has no version path is proven all the same',
    { timeout: 20_000 },
    async () => {
      answer = (path) => (path === '/version' ? 404 : 200);
      expect((await prove(longer)).problems).toEqual([]);
    },
  );

  test('a path that was asked too rarely, whatever it answered', async () => {
    const { problems } = await prove(1);
    expect(problems.join('\n')).toMatch(
      /core on web-1: \S+ was asked only \d+ times? before the time was over|could not be asked/,
    );
  });

  test('a place that serves another release again', { timeout: 20_000 }, async () => {
    inspect = async () => [live({ sha: taken })];
    expect(await problemsOf()).toEqual([`web-1: ${old.slice(0, 7)} is not live any more`]);
  });

  test('a place that is not healthy inside', { timeout: 20_000 }, async () => {
    inspect = async () => [live({ healthy: false })];
    expect(await problemsOf()).toEqual(['web-1: the platform reports that it is not healthy']);
  });

  test('a process that was left behind', { timeout: 20_000 }, async () => {
    processes = async () => ({ problems: ['web-1: port 80 is held by 7'], notChecked: [] });
    expect(await problemsOf()).toEqual(['web-1: port 80 is held by 7']);
  });

  test('a place that cannot be read', { timeout: 20_000 }, async () => {
    inspect = () => Promise.reject(new Error('web-1 does not answer'));
    expect(await problemsOf()).toEqual(['not proven: web-1 does not answer']);
  });

  test('a place that does not answer', { timeout: 20_000 }, async () => {
    processes = () => new Promise(() => {});
    expect(await problemsOf()).toEqual(['not proven: the platform did not answer within 0.5 s']);
  });
});
