import { afterAll, beforeAll, expect, test } from 'vitest';
import { stage } from '../../support/click-attack.ts';
import type { ClickAttack } from '../../support/click-attack.ts';
import { clickAttacks } from '../../support/click-attacks.ts';
import { unguarded } from '../../support/unguarded.ts';
import type { Edit } from '../../support/unguarded.ts';
import { attempt, clickPlace, ours, partsOf } from './click-place.ts';
import type { Parts } from './click-place.ts';
import { askedSlack, clickable } from './door-fixture.ts';

const sealed = clickable();
let slack: Awaited<ReturnType<typeof askedSlack>>['slack'];
beforeAll(async () => {
  ({ slack } = await askedSlack(sealed));
});
afterAll(() => slack.close());

/** What becomes of a forged click, at a place of its own, and whether it counts there. */
async function becomes(attack: ClickAttack, parts: Parts) {
  const { asked } = stage(attack, sealed);
  const place = await clickPlace({ slack, sealed, asked, parts });
  const { did } = await attempt(attack, place);
  await place.close();
  const counted = place.rulings.filter(({ verdict }) => verdict === 'counted');
  return { did, counts: counted.length > (attack.before ? 1 : 0) };
}

async function comeIn(parts: Parts, attacks = clickAttacks): Promise<string[]> {
  const names: string[] = [];
  for (const attack of attacks) if ((await becomes(attack, parts)).counts) names.push(attack.name);
  return names;
}

async function without<T>(edits: Edit[], judged: (parts: Parts) => Promise<T>): Promise<T> {
  const copy = unguarded(edits);
  try {
    return await judged(await partsOf(copy));
  } finally {
    copy.end();
  }
}

test('with every guard none of them comes in', async () => {
  expect(await comeIn(ours)).toEqual([]);
});

const kept = clickAttacks.filter(({ beyond }) => beyond !== undefined);
const alone = clickAttacks.filter(({ beyond }) => beyond === undefined);
test.each(alone)('without its guard a click $name comes in, and no other', async (attack) => {
  expect(await without(attack.guard, (parts) => comeIn(parts))).toEqual([attack.name]);
});

test.each(kept)('without its guard a click $name is kept out by $beyond', async (attack) => {
  const ends = (parts: Parts) => Promise.all([becomes(attack, parts), comeIn(parts)]);
  expect(await without(attack.guard, ends)).toEqual([{ did: 'failed', counts: false }, []]);
});

const twofold = clickAttacks.filter(({ guard }) => guard.length > 1);
test.each(twofold)('either guard alone keeps a click $name out', async (attack) => {
  for (const edit of attack.guard)
    expect(await without([edit], (parts) => comeIn(parts, [attack]))).toEqual([]);
});
