import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { answersOf, good, listener, outlived, plain, runningIn } from './leftover-samples.ts';

let fixture: VpsFixture;
let [one, sharing, foreign] = ['', '', ''];
let strays: number[] = [];
beforeAll(async () => {
  const withoutUnit = outlived(listener('release 3 is broken'), '{ PORT: process.env.PORT }');
  const trees = [good, outlived(listener('release 2 is broken')), withoutUnit];
  fixture = await startVpsFixture({ trees, target: plain });
  [one = '', sharing = '', foreign = ''] = fixture.shas;
});
afterEach(() => {
  for (const pid of strays) process.kill(pid, 'SIGKILL');
  strays = [];
});
afterAll(() => fixture?.stop());

const back = (sha: string, startUpMs = 15_000) =>
  run(fixture.vps.rollBackHost, { ...fixture.step(sha), startUpMs });
const port = () => new URL(fixture.handles[0]?.insideUrl as string).port;

test('a process that outlives the failed release is stopped, if it shares the port', async () => {
  await deployRelease(fixture, one);
  await deployRelease(fixture, sharing);
  const state = await back(one);
  expect(state).toMatchObject({ sha: one, runningSha: one, healthy: true });
  expect(state.stopped).toEqual([expect.stringMatching(/^process \d+ \(node\)$/)]);
  expect(await answersOf(fixture)).toEqual(['shop 1']);
});

test('a process that outlives the failed release is named, if nothing shows its unit', async () => {
  await deployRelease(fixture, foreign);
  const failure = await failureOf(back(one, 1000));
  strays = runningIn(foreign);
  expect(strays).toHaveLength(1);
  expect(failure).toMatchObject({ type: 'UnhealthyRollback', final: true });
  expect(failure.message).toContain(
    `- port ${port()} is held by process ${strays[0]} (node), which does not belong to shop and which ` +
      `runs in release ${foreign.slice(0, 12)}. Stop it on the host: sudo kill ${strays[0]}\n`,
  );
});

test('a release is not healthy while a process of the old release shares the port', async () => {
  await deployRelease(fixture, foreign);
  const failure = await failureOf(deployRelease(fixture, one, { startUpMs: 1000 }));
  strays = runningIn(foreign);
  expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
  expect(failure.message).toContain(
    `(node), which does not belong to shop and which runs in release ${foreign.slice(0, 12)}. ` +
      `Stop it on the host: sudo kill ${strays[0]}\n`,
  );
});
