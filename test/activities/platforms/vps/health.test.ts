import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '../../../support/activity-environment.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withHeartbeat } from '../../../../activities/lib/temporal-context.ts';
import { healthProblems } from '../../../../activities/platforms/vps/health-problems.ts';
import type { Snapshot } from '../../../../activities/platforms/vps/health-problems.ts';
import { readFacts } from '../../../../activities/platforms/vps/facts.ts';
import { logTail } from '../../../../activities/lib/log-tail.ts';
import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { run, deployRelease, startVpsFixture } from './fixture.ts';

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
/** The clock of the host. The worker's clock shows another time. */
const clockMs = 1_700_000_000_000;
const answer = (status: number, body = '') => ({ status, body, failure: null });
const snapshot = (
  change: (text: string) => string = (it) => it,
  outside: object = {},
): Snapshot => ({
  facts: readFacts(`clock=${clockMs / 1000}\n${change(text)}`),
  outside: {
    health: { ...answer(200), url: 'https://shop.example/healthz' },
    version: answer(200, `{"sha":"${sha}"}`),
    heartbeat: { ...answer(200), at: clockMs - 1000 },
    ...outside,
  },
});
const problems = (it: Snapshot, rolledBack = false, to = target) =>
  healthProblems(it, { target: to, sha, rolledBack });

describe('healthy is', () => {
  test('everything seen and everything right', () => {
    expect(problems(snapshot())).toEqual([]);
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
    [
      'health=200',
      '',
      'the host has no curl, wget or node, so its health cannot be read. Install curl on the host',
    ],
    [
      'health=200',
      'health=000\nlistens=1F40',
      'on the host, the service does not listen on port 18789, but on 8000. ' +
        'Use one port for the service and for health in plimsoll.yaml',
    ],
    [`current=releases/${sha}`, 'current=', 'the installed release is unknown'],
    [
      `cwd=/srv/app/releases/${sha}`,
      `cwd=/srv/app/releases/${other}`,
      'the process was started from release bbbbbbbbbbbb',
    ],
  ])('not %j as %j', (from, to, problem) => {
    expect(problems(snapshot((it) => it.replace(from, to)))).toEqual([problem]);
  });

  test.each([
    [{ health: { ...answer(502), url: 'u' } }, 'from outside, u answered 502; 2xx is healthy'],
    [
      { health: { status: null, body: '', failure: 'ECONNREFUSED', url: 'u' } },
      'from outside, u did not answer (ECONNREFUSED); 2xx is healthy',
    ],
    [{ version: answer(200, other) }, 'from outside, /version does not name this release'],
    [{ version: answer(404) }, 'from outside, /version answered 404'],
    [
      { heartbeat: { ...answer(200), at: clockMs - 31_000 } },
      'the heartbeat /heartbeat is 31 s old, but must be younger than 30 s',
    ],
    [
      { heartbeat: { ...answer(200), at: clockMs + 31_000 } },
      'the heartbeat /heartbeat is -31 s old, but must be younger than 30 s',
    ],
    [
      { heartbeat: { ...answer(200), at: null } },
      'the answer of the heartbeat /heartbeat is not of the form {"at": ISO time}',
    ],
    [{ heartbeat: { ...answer(500), at: null } }, 'the heartbeat /heartbeat answered 500'],
  ])('not outside %j', (outside, problem) => {
    expect(problems(snapshot(undefined, outside))).toEqual([problem]);
  });

  test('an unreadable directory needs the version path, also after a rollback', () => {
    const blind = (it: string) => it.replace(/cwd=.*/, 'cwd=');
    expect(problems(snapshot(blind))).toEqual([]);
    expect(problems(snapshot(blind, { version: answer(404) }), true)).toEqual([
      'from outside, /version answered 404',
    ]);
    expect(
      problems(snapshot(blind, { version: null }), false, { ...target, version: null }),
    ).toEqual([
      'it is unknown from which release the process was started. Set WorkingDirectory=…/current in the ' +
        'unit and let this user read /proc/<pid>/cwd, or set version in plimsoll.yaml',
    ]);
  });

  test('an older release may not know the version and heartbeat paths of today', () => {
    const outside = { version: answer(404), heartbeat: { ...answer(404), at: null } };
    expect(problems(snapshot(undefined, outside), true)).toEqual([]);
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
  let vpsFixture: Awaited<ReturnType<typeof startVpsFixture>>;
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees: [samples.good(1)], host: { without } });
  });
  afterAll(() => vpsFixture.stop());

  test('is asked for its health by what it has', async () => {
    const [only = ''] = vpsFixture.shas;
    expect(await deployRelease(vpsFixture, only)).toMatchObject({ healthy: true });
    for (const name of ['wget', 'node']) {
      rmSync(join(vpsFixture.root, 'shop-1/usr-bin', name), { force: true });
    }
    rmSync(join(vpsFixture.handles[0]?.bin as string, 'node'), { force: true });
    const [state] = await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target });
    expect(state).toMatchObject({ runningSha: only, healthy: false });
  });
});
