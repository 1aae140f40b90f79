import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const startUpMs = 10_000;
const trees = [samples.good(1)];

/** Runs all steps of a release, except the check that the service stays up. */
async function begun({ vps, step, shas }: VpsFixture) {
  const it = step(shas[0] ?? '');
  await run(vps.stageRelease, it);
  const { before } = await run(vps.switchRelease, it);
  await run(vps.restartService, { ...it, before });
  const { process: seen, ...state } = await run(vps.verifyHost, {
    ...it,
    startUpMs,
    staysUp: 'later',
  });
  const again = () => run(vps.verifyStaysUp, { ...it, startUpMs, process: seen });
  return { state, seen, again };
}

let vpsFixture: VpsFixture;
beforeAll(async () => {
  vpsFixture = await startVpsFixture({ trees });
});
afterAll(() => vpsFixture.stop());

test('the same process a moment later stays up', async () => {
  const { state, again } = await begun(vpsFixture);
  expect(state).toMatchObject({ sha: vpsFixture.shas[0], healthy: true });
  expect(await again()).toEqual(state);
});

test('a process that died since is noticed, and its successor is proven again', async () => {
  const { state, seen, again } = await begun(vpsFixture);
  process.kill(seen.mainPid, 'SIGKILL');
  const after = await again();
  expect(after).toEqual({ ...state, invocationId: after.invocationId });
  expect(after.invocationId).not.toBe(state.invocationId);
});

test('a process that died and does not come back is the fault of the release', async () => {
  const service = { unit: 'shop', restart: 'no' } as const;
  const fragile = await startVpsFixture({ trees, host: { service } });
  const { seen, again } = await begun(fragile);
  process.kill(seen.mainPid, 'SIGKILL');
  const failure = await failureOf(again());
  await fragile.stop();
  expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
  expect(failure.message.split('\n').slice(0, 2)).toEqual([
    `shop-1: release ${fragile.shas[0]?.slice(0, 12)} is not healthy (it had 10 s):`,
    '- the unit is failed',
  ]);
});
