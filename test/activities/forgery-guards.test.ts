import { expect, test } from 'vitest';
import { attacks } from '../support/attacks.ts';
import { forgedPlaces } from '../support/forged-place.ts';
import { everyForm, tryAttack } from '../support/try-attack.ts';
import type { Judge } from '../support/try-attack.ts';
import { unguarded } from '../support/unguarded.ts';
import type { Edit } from '../support/unguarded.ts';

const placeFor = forgedPlaces();

/** Who comes in where these edits are made. */
async function succeedWith(edits: Edit[]) {
  const { load, end } = unguarded(edits);
  const judge: Judge = {
    ...(await load<Pick<Judge, 'createApproval'>>('activities/approval.ts')),
    ...(await load<Pick<Judge, 'approvalState'>>('domain/policy/approval-state.ts')),
    ...(await load<Pick<Judge, 'readCommits'>>('activities/git/commits.ts')),
    ...(await load<Pick<Judge, 'decideRule'>>('domain/policy/rule.ts')),
  };
  const names = new Set<string>();
  for (const tried of everyForm(attacks))
    if ((await tryAttack(placeFor, judge, tried)).succeeds) names.add(tried.attack.name);
  end();
  return [...names];
}

test('with every guard in its place none succeeds', async () => {
  expect(await succeedWith([])).toEqual([]);
});

test.each(attacks)('$name: succeeds without its guard, and no other does', async (attack) => {
  expect(await succeedWith(attack.guard)).toEqual([attack.name]);
});
