import type { Activities } from '../../../domain/activities.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import { autoAssignText } from './guards.ts';
import { whenSettled } from './move.ts';
import type { At } from './move.ts';
import { nameOf } from './place.ts';

type Step = Parameters<Activities['checkProduction']>[0];

/** What is approved goes back to what was live then: something else that is live since would be lost. */
export async function checkProduction(at: At, { expected, id }: Step): Promise<void> {
  const { live, assignsDomains } = await whenSettled(at);
  const now = live?.id ?? null;
  if (now !== expected && (id === undefined || now !== id))
    throw final(
      failures.rejectedByPlatform,
      `${nameOf(at.target)}: somebody made ${now ?? 'nothing'} live since this was planned ` +
        `(then it was ${expected ?? 'nothing'}).\nNothing was promoted. Deploy again: the new plan knows ` +
        'what to go back to.',
    );
  if (assignsDomains)
    throw final(failures.rejectedByPlatform, `${autoAssignText(at.target)}\nNothing was promoted.`);
}
