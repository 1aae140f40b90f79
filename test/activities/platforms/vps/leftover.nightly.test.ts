import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processesOn } from '../../../../activities/platforms/vps/processes-on.ts';
import { createOpenHost } from '../../../../activities/platforms/vps/ssh/on-host.ts';
import { createSshPool } from '../../../../activities/platforms/vps/ssh/ssh.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { answersOf, good, listener, outlived, plain, runningIn } from './leftover-samples.ts';

const alone = { 'server.mjs': listener('shop 1', { reusePort: false }) };

let fixture: VpsFixture;
let strays: number[];
const open = async (trees: Record<string, string>[]) => {
  fixture = await startVpsFixture({ trees, target: plain });
};
beforeEach(() => {
  strays = [];
});
afterEach(async () => {
  for (const pid of strays) process.kill(pid, 'SIGKILL');
  await fixture.stop();
});

const back = (sha: string) =>
  run(fixture.vps.rollBackHost, { ...fixture.step(sha), startUpMs: 15_000 });

test('a process that keeps the rollback target from the port is stopped', async () => {
  await open([alone, outlived(listener('release 2 is broken', { reusePort: false }))]);
  const [one = '', two = ''] = fixture.shas;
  await deployRelease(fixture, one);
  await deployRelease(fixture, two);
  const state = await back(one);
  expect(state).toMatchObject({ runningSha: one, healthy: true });
  expect(await answersOf(fixture)).toEqual(['shop 1']);
});

test('a process of the failed release that listens nowhere is stopped', async () => {
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
  expect(runningIn(two)).toEqual([]);
});

test('a release is not healthy while a service that lost its unit shares the port', async () => {
  await open([outlived(listener('stale')), good]);
  const [one = '', two = ''] = fixture.shas;
  await deployRelease(fixture, one);
  const failure = await failureOf(deployRelease(fixture, two, { startUpMs: 1000 }));
  strays = runningIn(one);
  expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
  expect(failure.message).toContain(
    `(node), which does not belong to shop and which runs in release ${one.slice(0, 12)}. ` +
      `Stop it on the host: sudo kill ${strays[0]}\n`,
  );
});

test('a program that somebody started and that shares the port is named', async () => {
  await open([good]);
  const [one = ''] = fixture.shas;
  await deployRelease(fixture, one);
  const port = new URL(fixture.handles[0]?.insideUrl as string).port;
  const other = spawn(process.execPath, ['--input-type=module', '-e', listener('by hand')], {
    env: { PORT: port },
    stdio: 'ignore',
  });
  strays = [other.pid as number];
  const hex = Number(port).toString(16).toUpperCase().padStart(4, '0');
  const listeners = () =>
    readFileSync(`/proc/${other.pid}/net/tcp`, 'utf8')
      .split('\n')
      .filter((it) => it.includes(`:${hex} 00000000:0000 0A`)).length;
  await expect.poll(listeners).toBe(2);
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
