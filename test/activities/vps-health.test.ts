import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withHeartbeat } from '../../activities/lib/heartbeat.ts';
import { healthProblems } from '../../activities/platforms/vps/health-problems.ts';
import type { Seen } from '../../activities/platforms/vps/health-problems.ts';
import { readFacts } from '../../activities/platforms/vps/facts.ts';
import { logTail } from '../../activities/platforms/vps/log-tail.ts';
import type { VpsTarget } from '../../domain/plan.ts';
import { samples } from '../../sandbox/samples.ts';
import { run, ship, startVoyage } from './vps-fixture.ts';

const sha = 'a'.repeat(40);
const other = 'b'.repeat(40);
const target = {
  health: 'http://127.0.0.1:18789/healthz',
  version: '/version',
  heartbeat: '/heartbeat',
} as VpsTarget;

const text = `current=releases/${sha}
LoadState=loaded
ActiveState=active
SubState=running
MainPID=42
NRestarts=0
InvocationID=${'c'.repeat(32)}
Result=success
ExecMainStatus=0
cwd=/srv/app/releases/${sha}
age=3
by=curl
health=200
`;
const answer = (status: number, body = '') => ({ status, body, failure: null });
const seen = (change: (text: string) => string = (it) => it, outside: object = {}): Seen => ({
  facts: readFacts(change(text)),
  outside: {
    health: { ...answer(200), url: 'https://shop.example/healthz' },
    version: answer(200, `{"sha":"${sha}"}`),
    heartbeat: { ...answer(200), ageMs: 1000 },
    ...outside,
  },
});
const problems = (it: Seen, restored = false, to = target) =>
  healthProblems(it, { target: to, sha, restored });

describe('healthy is', () => {
  test('everything seen and everything right', () => {
    expect(problems(seen())).toEqual([]);
  });

  test.each([
    ['ActiveState=active', 'ActiveState=failed', 'the unit is failed'],
    ['ActiveState=active\n', '', 'the unit is unknown'],
    [
      'health=200',
      'health=302',
      'on the host, http://127.0.0.1:18789/healthz answered 302; 2xx is healthy',
    ],
    ['health=200', 'health=000', 'on the host, http://127.0.0.1:18789/healthz did not answer'],
    ['health=200', '', 'the host has none of curl, wget, node to ask for its health; install curl'],
    [
      'health=200',
      'health=000\nlistens=1F40',
      'on the host, nothing of the service listens on port 18789, but it listens on 8000: make the service ' +
        'and health agree on one port (8000 instead of 18789 is the classic mistake)',
    ],
    [`current=releases/${sha}`, 'current=', 'current names nothing'],
    [
      `cwd=/srv/app/releases/${sha}`,
      `cwd=/srv/app/releases/${other}`,
      'the process runs in bbbbbbbbbbbb',
    ],
  ])('not %j as %j', (from, to, problem) => {
    expect(problems(seen((it) => it.replace(from, to)))).toEqual([problem]);
  });

  test.each([
    [{ health: { ...answer(502), url: 'u' } }, 'outside, u answered 502; 2xx is healthy'],
    [
      { health: { status: null, body: '', failure: 'ECONNREFUSED', url: 'u' } },
      'outside, u did not answer (ECONNREFUSED); 2xx is healthy',
    ],
    [{ version: answer(200, other) }, 'outside, /version does not name this release'],
    [{ version: answer(404) }, 'outside, /version answered 404'],
    [
      { heartbeat: { ...answer(200), ageMs: 31_000 } },
      'the heartbeat /heartbeat is 31 s old; fresh is younger than 30 s',
    ],
    [
      { heartbeat: { ...answer(200), ageMs: -31_000 } },
      'the heartbeat /heartbeat is -31 s old; fresh is younger than 30 s',
    ],
    [
      { heartbeat: { ...answer(200), ageMs: null } },
      'the heartbeat /heartbeat is not {"at": ISO time}',
    ],
    [{ heartbeat: { ...answer(500), ageMs: null } }, 'the heartbeat /heartbeat answered 500'],
  ])('not outside %j', (outside, problem) => {
    expect(problems(seen(undefined, outside))).toEqual([problem]);
  });

  test('an unreadable directory needs the version path, also after a restore', () => {
    const blind = (it: string) => it.replace(/cwd=.*/, 'cwd=');
    expect(problems(seen(blind))).toEqual([]);
    expect(problems(seen(blind, { version: answer(404) }), true)).toEqual([
      'outside, /version answered 404',
    ]);
    expect(problems(seen(blind, { version: null }), false, { ...target, version: null })).toEqual([
      'it cannot be seen which release the process runs in: let the unit have WorkingDirectory=…/current and ' +
        'this user read /proc/<pid>/cwd, or set version in plimsoll.yaml',
    ]);
  });

  test('an older release may not know the version and heartbeat paths of today', () => {
    const outside = { version: answer(404), heartbeat: { ...answer(404), ageMs: null } };
    expect(problems(seen(undefined, outside), true)).toEqual([]);
  });
});

test('the log tail has at most 20 lines and no secret', () => {
  const log = Array.from({ length: 30 }, (_, n) => `line ${n} token=abcdef`).join('\n');
  expect(logTail(log)).toHaveLength(20);
  expect(logTail(log).at(-1)).toBe('line 29 token=…');
});

test('a long step heartbeats every 3 s and hands down its cancellation', async () => {
  vi.useFakeTimers();
  const environment = new MockActivityEnvironment();
  const beats = vi.fn<() => void>();
  environment.on('heartbeat', beats);
  const work = environment.run(() =>
    withHeartbeat(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ),
  );
  await vi.advanceTimersByTimeAsync(6500);
  expect(beats).toHaveBeenCalledTimes(3);
  environment.cancel('CANCELLED');
  await expect(work).rejects.toMatchObject({ name: 'CancelledFailure' });
  await vi.advanceTimersByTimeAsync(6500);
  expect(beats).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
});

describe.each([[['curl']], [['curl', 'wget']]])('a host without %j', (without) => {
  let voyage: Awaited<ReturnType<typeof startVoyage>>;
  beforeAll(async () => {
    voyage = await startVoyage({ trees: [samples.good(1)], host: { without } });
  });
  afterAll(() => voyage.stop());

  test('is asked for its health by what it has', async () => {
    const [only = ''] = voyage.shas;
    expect(await ship(voyage, only)).toMatchObject({ healthy: true });
    for (const name of ['wget', 'node']) {
      rmSync(join(voyage.root, 'shop-1/usr-bin', name), { force: true });
    }
    rmSync(join(voyage.handles[0]?.bin as string, 'node'), { force: true });
    const [state] = await run(voyage.vps.inspectHosts, { target: voyage.target });
    expect(state).toMatchObject({ runningSha: only, healthy: false });
  });
});
