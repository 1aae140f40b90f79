import { expect, test } from 'vitest';
import { startUpMsOf } from '../../../../domain/deploy/timing.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';

const slow = {
  'server.mjs': `import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('ok'));
setTimeout(() => server.listen(process.env.PORT, '127.0.0.1'), 75_000);
`,
};

test('a service that needs 75 s is healthy with startUp: 2 min, and not without it', async () => {
  const target = { version: null, heartbeat: null };
  const vpsFixture = await startVpsFixture({ trees: [slow, slow], target });
  const [first = '', second = ''] = vpsFixture.shas;
  const startUpMs = startUpMsOf('2 min');
  try {
    expect(await deployRelease(vpsFixture, first, { startUpMs })).toMatchObject({ healthy: true });
    const usual = { startUpMs: startUpMsOf(undefined) };
    const { type, message } = await failureOf(deployRelease(vpsFixture, second, usual));
    expect(type).toBe('UnhealthyRelease');
    expect(message).toContain('is not healthy (it had 60 s):');
    const back = { ...vpsFixture.step(first), startUpMs };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({
      sha: first,
      healthy: true,
    });
  } finally {
    await vpsFixture.stop();
  }
});
