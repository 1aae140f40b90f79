import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { createOpenHost } from '../../../../activities/platforms/vps/ssh/on-host.ts';
import { createSshPool } from '../../../../activities/platforms/vps/ssh/ssh.ts';
import { processesOn } from '../../../../activities/platforms/vps/processes-on.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const listener = (text: string, { reusePort = true } = {}) => `
import { createServer } from 'node:http';
createServer(({ url }, response) => response.end(url === '/healthz' ? 'ok' : '${text}'))
  .listen({ port: process.env.PORT, host: '127.0.0.1', reusePort: ${reusePort} });
setTimeout(() => process.exit(), 120_000);
`;
/** A service whose worker process still runs after a stop, as with KillMode=process. */
const outlived = (worker: string, env = 'process.env') => ({
  'worker.mjs': worker,
  'server.mjs': `
import { spawn } from 'node:child_process';
const env = ${env};
spawn(process.execPath, ['worker.mjs'], { stdio: 'ignore', detached: true, env }).unref();
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
`,
});
const good = { 'server.mjs': listener('shop 1') };
const alone = { 'server.mjs': listener('shop 1', { reusePort: false }) };

let fixture: VpsFixture;
let strays: number[];
const open = async (trees: Record<string, string>[]) => {
  fixture = await startVpsFixture({ trees, target: { version: null, heartbeat: null } });
};
beforeEach(() => {
  strays = [];
});
afterEach(async () => {
  for (const pid of strays) process.kill(pid, 'SIGKILL');
  await fixture.stop();
});

const back = (sha: string, startUpMs = 15_000) =>
  run(fixture.vps.rollBackHost, { ...fixture.step(sha), startUpMs });

async function answers() {
  const url = fixture.handles[0]?.insideUrl as string;
  const texts = Array.from({ length: 20 }, async () => {
    const response = await fetch(url, { headers: { connection: 'close' } });
    return await response.text();
  });
  return [...new Set(await Promise.all(texts))];
}

/** Returns the ids of the processes that run in the directory of the release. */
const runningIn = async (sha: string) => {
  const { readdirSync, readlinkSync } = await import('node:fs');
  return readdirSync('/proc')
    .filter((it) => /^\d+$/.test(it))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).endsWith(sha);
      } catch {
        return false;
      }
    });
};

describe('a process that outlives the failed release', { timeout: 60_000 }, () => {
  test('is stopped, if it shares the port', async () => {
    await open([good, outlived(listener('release 2 is broken'))]);
    const [one = '', two = ''] = fixture.shas;
    await deployRelease(fixture, one);
    await deployRelease(fixture, two);
    const state = await back(one);
    expect(state).toMatchObject({ sha: one, runningSha: one, healthy: true });
    expect(state.stopped).toEqual([expect.stringMatching(/^process \d+ \(node\)$/)]);
    expect(await answers()).toEqual(['shop 1']);
  });

  test('is stopped, if it keeps the rollback target from the port', async () => {
    await open([alone, outlived(listener('release 2 is broken', { reusePort: false }))]);
    const [one = '', two = ''] = fixture.shas;
    await deployRelease(fixture, one);
    await deployRelease(fixture, two);
    const state = await back(one);
    expect(state).toMatchObject({ runningSha: one, healthy: true });
    expect(await answers()).toEqual(['shop 1']);
  });

  test('is stopped, if it listens nowhere', async () => {
    const worker = 'setTimeout(() => process.exit(), 120_000);';
    await open([good, { ...outlived(worker), 'http.mjs': listener('shop 2') }]);
    const [one = '', two = ''] = fixture.shas;
    await deployRelease(fixture, one);
    const { vps, step } = fixture;
    await run(vps.stageRelease, step(two));
    const { before } = await run(vps.switchRelease, step(two));
    await run(vps.restartService, { ...step(two), before });
    await expect.poll(() => runningIn(two)).toHaveLength(2);
    expect((await back(one)).stopped).toHaveLength(1);
    expect(await runningIn(two)).toEqual([]);
  });

  test('is named, if nothing shows that it belongs to the unit', async () => {
    const env = '{ PORT: process.env.PORT }';
    await open([good, outlived(listener('release 2 is broken'), env)]);
    const [one = '', two = ''] = fixture.shas;
    await deployRelease(fixture, one);
    await deployRelease(fixture, two);
    strays = (await runningIn(two)).slice(-1);
    const failure = await failureOf(back(one, 1000));
    const port = new URL(fixture.handles[0]?.insideUrl as string).port;
    strays = await runningIn(two);
    expect(strays).toHaveLength(1);
    expect(failure).toMatchObject({ type: 'UnhealthyRollback', final: true });
    expect(failure.message).toContain(
      `- port ${port} is held by process ${strays[0]} (node), which does not belong to shop and which ` +
        `runs in release ${two.slice(0, 12)}. Stop it on the host: sudo kill ${strays[0]}\n`,
    );
  });
});

describe('the way forward', { timeout: 60_000 }, () => {
  test('is no pass while a process of the old release shares the port', async () => {
    await open([outlived(listener('stale')), good]);
    const [one = '', two = ''] = fixture.shas;
    await deployRelease(fixture, one);
    const failure = await failureOf(deployRelease(fixture, two, { startUpMs: 1000 }));
    strays = await runningIn(one);
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(failure.message).toContain(
      `(node), which does not belong to shop and which runs in release ${one.slice(0, 12)}. ` +
        `Stop it on the host: sudo kill ${strays[0]}\n`,
    );
  });

  test('is no pass while a program that somebody started shares the port', async () => {
    await open([good]);
    const [one = ''] = fixture.shas;
    await deployRelease(fixture, one);
    const port = new URL(fixture.handles[0]?.insideUrl as string).port;
    const other = spawn(process.execPath, ['--input-type=module', '-e', listener('by hand')], {
      env: { PORT: port },
      stdio: 'ignore',
    });
    strays = [other.pid as number];
    const listens = () => readFileSync(`/proc/${other.pid}/net/tcp`, 'utf8');
    const hex = Number(port).toString(16).toUpperCase().padStart(4, '0');
    await expect
      .poll(
        () =>
          listens()
            .split('\n')
            .filter((it) => it.includes(`:${hex} 00000000:0000 0A`)).length,
      )
      .toBe(2);
    const pool = createSshPool();
    const seen = await processesOn(createOpenHost(pool.withSsh), fixture.target, one);
    pool.close();
    expect(seen).toEqual({
      problems: [
        `shop-1: port ${port} is held by process ${other.pid} (node), which does not belong to shop, ` +
          `but shares its port. Stop it on the host: sudo kill ${other.pid}`,
      ],
      notChecked: [],
    });
  });
});
