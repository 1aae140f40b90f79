import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../../../activities/platforms/vps/commands.ts';
import { deployRelease, failureOf, startVpsFixture } from './fixture.ts';
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

  test('fails with less time, and the message says the time', async () => {
    const [, second = ''] = vpsFixture.shas;
    const failure = await failureOf(deployRelease(vpsFixture, second, { startUpMs: 1000 }));
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toContain('is not healthy (it had 1 s):');
  });
});

test('the command that restarts may last as long as the service may need', () => {
  const place = { directory: '/srv/app', service: 'shop', sudo: true, prepare: null };
  const limit = (startUpMs: number) =>
    commands.restart({ ...place } as never, {
      to: { sha: 'a'.repeat(40), epoch: null },
      before: null,
      startUpMs,
    }).timeoutMs;
  expect([60_000, 30 * 60_000].map(limit)).toEqual([120_000, 31 * 60_000]);
});
