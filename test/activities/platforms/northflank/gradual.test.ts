import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Gradual } from '../../../../sandbox/platforms/northflank/state.ts';
import { failureText, northflankPlace, run } from './place.ts';
import type { NorthflankPlace } from './place.ts';

let place: NorthflankPlace;
let buildId: string;
const sha = () => place.shas[1]!;
beforeAll(async () => {
  place = await northflankPlace({ version: '0.11' });
  buildId = await place.build(sha());
});
afterAll(() => place.close());
afterEach(async () => {
  place.northflank.set('gateway', { gradual: null });
  await place.northflank.promote('gateway');
  await run(place.do.rollBackDeployment, place.back());
  place.board.effects.length = 0;
});

const strategy: Gradual = { id: 'canary-20', percent: 20, blocks: false };
const attached =
  'northflank gateway has the gradual rollout strategy canary-20, so a deploy would reach only a share of the traffic. ' +
  'Detach the strategy from openclaw/gateway at Northflank, then deploy again.';
const active = (more: string) =>
  `northflank gateway has an active gradual rollout: only 20 % of the traffic reaches the newer release${more}. ` +
  'Promote it or roll it back at Northflank, then deploy again.';
/** Somebody deploys the new build by hand, with a strategy. */
const begun = async (change: Partial<Gradual> = {}) => {
  place.northflank.set('gateway', { gradual: { ...strategy, ...change } });
  await place.pin(buildId);
  await expect.poll(() => place.truth().status).toBe('COMPLETED');
};

describe('the gate is closed by', () => {
  test('a strategy, before any rollout', async () => {
    place.northflank.set('gateway', { gradual: strategy });
    expect(await place.driver.guards(place.plan())).toEqual([attached]);
  });

  test.each([
    [false, ''],
    [true, ', and Northflank takes no new deploys meanwhile'],
  ])('an active rollout (blocks new deploys: %s)', async (blocks, more) => {
    await begun({ blocks });
    expect(await place.driver.guards(place.plan())).toEqual([active(more), attached]);
  });
});

test('a strategy that was attached after the gates is found before anything is touched', async () => {
  place.northflank.set('gateway', { gradual: strategy });
  const on = { ...place.step(sha()), buildId };
  const refused = {
    type: 'RejectedByPlatform',
    final: true,
    lines: [attached, 'Nothing was touched.'],
  };
  expect(await failureText(run(place.do.readBuilds, on))).toEqual(refused);
  expect(await failureText(run(place.do.checkUnmoved, on))).toEqual(refused);
  expect(place.effects()).toEqual([]);
});

test('a release that reaches a share only is never called live, though the rollout is COMPLETED', async () => {
  const on = { ...place.step(sha()), buildId, others: [] };
  await begun();
  const timing = { ...on.timing, scale: 100_000, startUpMs: 300 };
  const told = (await failureText(run(place.do.verifyDeployment, { ...on, timing }))) as {
    lines?: string[];
  };
  expect(told).toMatchObject({ type: 'UnhealthyRelease', final: true });
  expect(told.lines?.slice(0, 2)).toEqual([
    `northflank gateway: release ${sha().slice(0, 7)} (build ${buildId}) is not healthy (time limit: 0 s):`,
    '- a gradual rollout is active: only 20 % of the traffic reaches the newer release',
  ]);
  const [state] = await place.driver.inspect(place.target);
  expect(state).toMatchObject({ runningSha: null, healthy: false });
});

test('a rollout that a person promoted is live', async () => {
  const on = { ...place.step(sha()), buildId };
  const { containers: others } = await run(place.do.checkUnmoved, on);
  await begun();
  await place.northflank.promote('gateway');
  const { state } = await run(place.do.verifyDeployment, { ...on, others });
  expect(state).toMatchObject({ sha: sha(), healthy: true });
});

test('a deploy that an active rollout blocks changes nothing, and says so', async () => {
  await begun({ blocks: true });
  place.board.effects.length = 0;
  expect(await failureText(run(place.do.rollBackDeployment, place.back()))).toEqual({
    type: 'RejectedByPlatform',
    final: true,
    lines: [
      `Northflank refused the request for the deploy of build ${place.live} to openclaw/gateway (409): A rollout is in progress.`,
      'Correct the service in Northflank, then deploy again.',
    ],
  });
  expect(place.effects()).toEqual([]);
});
