import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const value = `Basic ${Buffer.from('ana:pa"ss').toString('base64')}`;
/** Answers 401 without the right credentials. The value of `odd` needs escapes. */
const guarded = {
  'server.mjs': `import { createServer } from 'node:http';
createServer((request, response) => {
  const { authorization, odd } = request.headers;
  const right = authorization === ${JSON.stringify(value)} && odd === 'a "b" \\\\c';
  response.writeHead(right ? 200 : 401).end();
}).listen(process.env.PORT, '127.0.0.1');
`,
};
const headers = { Authorization: 'env:STAGING_AUTH', Odd: 'env:ODD' };

describe.each([[[]], [['curl']], [['curl', 'wget']]])('on a host without %j', (without) => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    vi.stubEnv('STAGING_AUTH', value);
    vi.stubEnv('ODD', 'a "b" \\c');
    const target = { version: null, heartbeat: null, headers };
    vpsFixture = await startVpsFixture({ trees: [guarded], target, host: { without } });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await vpsFixture.stop();
  });

  test('a site behind basic auth is released with the headers of the environment', async () => {
    const sha = vpsFixture.shas[0]!;
    expect(await deployRelease(vpsFixture, sha)).toMatchObject({ sha, healthy: true });
  });

  test('and is not healthy without them', async () => {
    const step = vpsFixture.step(vpsFixture.shas[0]!, 0, { headers: {} });
    const failure = await failureOf(run(vpsFixture.vps.verifyHost, { ...step, startUpMs: 500 }));
    expect(failure.message).toMatch(/- on the host, \S+ answered (401|error); 2xx is healthy\n/);
    expect(failure.message).toMatch(/- from outside, \S+ answered 401; 2xx is healthy\n/);
    expect(failure.message).not.toContain(value);
  });
});
