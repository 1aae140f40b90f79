import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { project } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';

let at: VercelPlace;
beforeEach(async () => {
  at = await vercelPlace();
});
afterEach(() => at.close());

const built = async (n: number) => {
  const next = await at.push(samples.good(n));
  await at.ended(next.id);
  return next;
};
const promote = async ({ sha, id }: { sha: string; id: string }) => {
  await at.do.promoteDeployment({ ...at.stepOf(sha), id });
  await at.do.turnAutoAssignOff(at.stepOf(sha));
};
/**
 * Runs `act` and delays the answer to its promote or rollback. Meanwhile somebody else promotes the
 * deployment `by`.
 */
async function overtaken(order: 'promote' | 'rollback', act: () => Promise<unknown>, by: string) {
  at.arm('hold', `/${order}/`);
  const acting = act();
  while (at.board.holding === 0) await pause();
  await at.moved();
  await at.client.promote({ ...at.where, id: by });
  await at.moved();
  at.board.release();
  return await acting;
}
const rollBack = () => at.do.rollBackProduction(at.back(at.first, at.live));
const live = async () => (await at.truth()).live;

describe('failures of other deploy tools', () => {
  test('F8: a rollback that led to the last bad release: this one names the recorded deployment', async () => {
    const bad = await built(2);
    await promote(bad);
    await rollBack();
    await promote(await built(3));
    expect(await live()).not.toBe(at.live);
    await rollBack();
    expect(await live()).toBe(at.live);
    expect(await at.served()).toMatchObject({ sha: at.first });
  });

  test('F5, F9: a rollback that ran although nothing had gone live: this one changes nothing', async () => {
    await built(2);
    await rollBack();
    expect(at.effects()).toEqual(['build']);
  });

  test('F10, F11: a bad release that came back with the next push: here a rollback stays', async () => {
    await promote(await built(2));
    await rollBack();
    const again = await built(2);
    expect((await at.client.deployment({ project, id: again.id }))?.substate).toBe('STAGED');
    expect(await live()).toBe(at.live);
  });

  test('F18: a promote that quietly let every push go live: the next one waits', async () => {
    const good = await built(2);
    await promote(good);
    await built(3);
    expect(await live()).toBe(good.id);
  });

  test('F15: an old build that ended late and went live: here no build goes live by itself', async () => {
    at.vercel.hold(project, 'builds');
    const [older, newer] = [await at.push(samples.good(2)), await at.push(samples.good(3))];
    at.vercel.letGo(project, 'builds');
    await Promise.all([at.ended(older.id), at.ended(newer.id)]);
    await promote(newer);
    expect(await live()).toBe(newer.id);
  });

  test('an order that somebody else overtook is not waited for: it is given again', async () => {
    const [good, other] = [await built(2), await built(3)];
    const step = { ...at.stepOf(good.sha), id: good.id };
    const promoting = () => at.do.promoteDeployment(step);
    expect(await overtaken('promote', promoting, other.id)).toEqual({ promoted: 'done' });
    expect(await live()).toBe(good.id);
    await overtaken('rollback', rollBack, other.id);
    expect(await live()).toBe(at.live);
    expect(await at.served()).toMatchObject({ sha: at.first });
  });

  test('a promote of what is live already, answered by an error: it is done', async () => {
    const good = await built(2);
    await promote(good);
    expect(await at.do.promoteDeployment({ ...at.stepOf(good.sha), id: good.id })).toEqual({
      promoted: 'already',
    });
  });
});
