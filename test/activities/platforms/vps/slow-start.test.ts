import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../../../activities/platforms/vps/commands.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

/** Listens after three seconds. */
const slow = {
  'server.mjs': `import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('ok'));
setTimeout(() => server.listen(process.env.PORT, '127.0.0.1'), 3000);
`,
};
const target = { version: null, heartbeat: null };

describe('a service that listens late', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees: [slow, slow], target });
  });
  afterAll(() => vpsFixture.stop());

  test('is given the time of the configuration, forward and in a rollback', async () => {
    const [first = '', second = ''] = vpsFixture.shas;
    expect(await deployRelease(vpsFixture, first)).toMatchObject({ sha: first, healthy: true });
    expect(await deployRelease(vpsFixture, second)).toMatchObject({ sha: second, healthy: true });
    const back = { ...vpsFixture.step(first), startUpMs: 20_000 };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({
      sha: first,
      healthy: true,
    });
  });

  test('fails with less time, and the message says the time', async () => {
    const [, second = ''] = vpsFixture.shas;
    const failure = await failureOf(deployRelease(vpsFixture, second, { startUpMs: 1000 }));
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toContain('is not healthy (it had 1 s):');
  });
});

/** systemd says `activating (start)` until such a unit is ready, and `systemctl restart` waits. */
describe('a unit that systemd calls starting for longer than a crash loop may last', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0), samples.good(1)],
      host: { service: { unit: 'shop', readyMs: 7000 } },
    });
  });
  afterAll(() => vpsFixture.stop());

  test('is released and rolled back', async () => {
    const [first = '', second = ''] = vpsFixture.shas;
    for (const sha of [first, second])
      expect(await deployRelease(vpsFixture, sha, { startUpMs: 20_000 })).toMatchObject({
        sha,
        healthy: true,
      });
    const back = { ...vpsFixture.step(first), startUpMs: 20_000 };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({
      sha: first,
      healthy: true,
    });
  });

  test('is not restarted again by a second attempt, which waits for the first', async () => {
    const [, second = ''] = vpsFixture.shas;
    const step = vpsFixture.step(second);
    await run(vpsFixture.vps.stageRelease, step);
    const { before } = await run(vpsFixture.vps.switchRelease, step);
    const { bin } = vpsFixture.handles[0]!;
    const first = spawn(join(bin, 'systemctl'), ['restart', 'shop'], { stdio: 'ignore' });
    const ended = once(first, 'close');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const again = await run(vpsFixture.vps.restartService, { ...step, before, startUpMs: 20_000 });
    await ended;
    expect(again.restarted).toBe('already');
  });
});

test('the command that restarts may last as long as the service may need', () => {
  const place = { directory: '/srv/app', service: 'shop', sudo: true, prepare: null };
  const limit = (startUpMs: number) =>
    commands.restart({ ...place } as never, {
      to: { sha: 'a'.repeat(40) },
      before: null,
      startUpMs,
    }).timeoutMs;
  expect([60_000, 30 * 60_000].map(limit)).toEqual([120_000, 31 * 60_000]);
});
