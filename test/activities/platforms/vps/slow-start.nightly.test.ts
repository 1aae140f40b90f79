import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startUpMsOf } from '../../../../domain/deploy/timing.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const slow = {
  'server.mjs': `import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('ok'));
setTimeout(() => server.listen(process.env.PORT, '127.0.0.1'), 12_000);
`,
};

test('a service that needs 12 s is healthy with startUp: 40 s, and not with startUp: 6 s', async () => {
  const target = { version: null, heartbeat: null };
  const vpsFixture = await startVpsFixture({ trees: [slow, slow], target });
  const [first = '', second = ''] = vpsFixture.shas;
  const startUpMs = startUpMsOf('40 s');
  try {
    expect(await deployRelease(vpsFixture, first, { startUpMs })).toMatchObject({ healthy: true });
    const short = { startUpMs: startUpMsOf('6 s') };
    const { type, message } = await failureOf(deployRelease(vpsFixture, second, short));
    expect(type).toBe('UnhealthyRelease');
    expect(message).toContain('is not healthy (it had 6 s):');
    const back = { ...vpsFixture.step(first), startUpMs };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({
      sha: first,
      healthy: true,
    });
  } finally {
    await vpsFixture.stop();
  }
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
