import type { Attack } from '../../support/attacks.ts';
import { forgedPlaces } from '../../support/forged-place.ts';
import { everyForm, tryAttack } from '../../support/try-attack.ts';
import type { Judge } from '../../support/try-attack.ts';
import { unguarded } from '../../support/unguarded.ts';
import type { Edit } from '../../support/unguarded.ts';

/**
 * Makes a function that removes the guards of `edits` and tries `attacks`. The function returns the
 * names of the attacks that succeed.
 */
export function forgeries() {
  const placeFor = forgedPlaces();
  return async (edits: Edit[], attacks: readonly Attack[]): Promise<string[]> => {
    const { load } = unguarded(edits);
    const judge: Judge = {
      ...(await load<Pick<Judge, 'createApproval'>>('activities/approval/approval.ts')),
      ...(await load<Pick<Judge, 'approvalState'>>('domain/approval/approval-state.ts')),
      ...(await load<Pick<Judge, 'readCommits'>>('activities/git/commits.ts')),
      ...(await load<Pick<Judge, 'decideRule'>>('domain/approval/rule.ts')),
    };
    const names = new Set<string>();
    for (const tried of everyForm(attacks))
      if ((await tryAttack(placeFor, judge, tried)).succeeds) names.add(tried.attack.name);
    return [...names];
  };
}
