import { expect, test } from 'vitest';
import { clickAttacks } from '../../../support/click-attacks.ts';
import { beforeSlack, without } from './click-without.ts';

beforeSlack();

test('with every guard none of them comes in', async () => {
  expect(await without([], ({ comeIn }) => comeIn(clickAttacks))).toEqual([]);
});

const kept = clickAttacks.filter(({ beyond }) => beyond !== undefined);
const alone = clickAttacks.filter(({ beyond }) => beyond === undefined);
test.each(alone)('without its guard a click $name comes in', async (attack) => {
  expect(await without(attack.guard, ({ comeIn }) => comeIn([attack]))).toEqual([attack.name]);
});

test.each(kept)('without its guard a click $name is kept out by $beyond', async (attack) => {
  expect(await without(attack.guard, ({ becomes }) => becomes(attack))).toEqual({
    did: 'failed',
    counts: false,
  });
});

const twofold = clickAttacks.filter(({ guard }) => guard.length > 1);
test.each(twofold)('either guard alone keeps a click $name out', async (attack) => {
  for (const edit of attack.guard)
    expect(await without([edit], ({ comeIn }) => comeIn([attack]))).toEqual([]);
});
