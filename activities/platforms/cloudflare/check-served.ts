import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { see } from './sight.ts';

/** What is approved goes back to what was live then: something else that is live since would be lost. */
export async function checkServed(at: At, expected: string | null): Promise<void> {
  const { id, shares } = await see(at);
  const name = nameOf(at.target);
  if (shares.length > 1)
    throw final(
      failures.rejectedByPlatform,
      `${name}: somebody split the traffic since this was planned ` +
        `(${shares.map(({ versionId, percentage }) => `${versionId} ${percentage} %`).join(', ')}).\n` +
        `Nothing was deployed. End that first: npx wrangler versions deploy ${id}@100 --name ${at.target.worker} --yes`,
    );
  if (id === expected) return;
  throw final(
    failures.rejectedByPlatform,
    `${name}: somebody made ${id ?? 'nothing'} live since this was planned (then it was ${expected ?? 'nothing'}).\n` +
      'Nothing was deployed. Deploy again: the new plan knows what to go back to.',
  );
}
