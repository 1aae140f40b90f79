import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createDependencies } from '../../../activities/watch/dependencies.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/**
 * Starts a dependency that answers with these status codes in turn. null = the dependency does not
 * answer.
 */
async function dependency(...answers: (number | null)[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    const status = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (status) response.writeHead(status).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/health`, asked: () => asked };
}

const { probeDependencies } = createDependencies();
const one = async (url: string) => (await probeDependencies({ dependencies: [url] }))[0];

describe('a declared dependency', () => {
  test('that answers is asked once', async () => {
    const { url, asked } = await dependency(200);
    expect(await one(url)).toEqual({ url, ok: true, detail: expect.stringMatching(/^200 in/) });
    expect(asked()).toBe(1);
  });

  test('is down after two bad answers, not after one', async () => {
    const bad = await dependency(503);
    expect(await one(bad.url)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^503 in \d+ ms, twice$/),
    });
    expect(bad.asked()).toBe(2);
    const once = await dependency(503, 204);
    expect(await one(once.url)).toMatchObject({ ok: true });
  });

  test('that hangs is down within the bound, one that hangs once is not', async () => {
    const hangs = await dependency(null);
    const started = performance.now();
    expect(await one(hangs.url)).toMatchObject({ ok: false, detail: 'no answer in time, twice' });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(hangs.asked()).toBe(2);
    const late = await dependency(null, 200);
    expect(await one(late.url)).toMatchObject({ ok: true });
  });

  test('without a listener is down; all are asked at once', async () => {
    const gone = await dependency(200);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    const up = await dependency(200);
    const reports = await probeDependencies({ dependencies: [gone.url, up.url] });
    expect(reports.map(({ ok, detail }) => [ok, detail.replace(/\d+ ms/, '')])).toEqual([
      [false, 'connection refused, twice'],
      [true, '200 in '],
    ]);
  });
});
