import type { Activities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import { autoAssignText } from './guards.ts';
import { whenSettled } from './move.ts';
import type { At } from './move.ts';
import { nameOf } from './place.ts';

type Step = Parameters<Activities['checkProduction']>[0];

/**
 * Throws a final failure of type 'rejectedByPlatform' if another deployment went live after the
 * plan, or if pushes go live automatically. `expected` is the deployment that was live at the time
 * of the plan. A rollback would return to `expected` and lose the newer deployment.
 */
export async function checkProduction(at: At, { expected, id }: Step): Promise<void> {
  const { live, assignsDomains } = await whenSettled(at);
  const now = live?.id ?? null;
  if (now !== expected && (id === undefined || now !== id))
    throw final(
      failures.rejectedByPlatform,
      `${nameOf(at.target)}: somebody made ${now ?? 'nothing'} live since this deploy was planned ` +
        `(before: ${expected ?? 'nothing'}).\nNothing was promoted. Deploy again: the new plan can ` +
        'roll back to the deployment that is live now.',
    );
  if (assignsDomains)
    throw final(failures.rejectedByPlatform, `${autoAssignText(at.target)}\nNothing was promoted.`);
}
