import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { see } from './snapshot.ts';

/**
 * Throws a final failure of type 'rejectedByPlatform' in two cases: another version went live after
 * the plan, or two versions share the traffic. `expected` is the version that was live at the time
 * of the plan. A rollback would return to `expected`, and the newer version would be lost.
 */
export async function checkServed(at: At, expected: string | null): Promise<void> {
  const { id, shares } = await see(at);
  const name = nameOf(at.target);
  if (shares.length > 1)
    throw final(
      failures.rejectedByPlatform,
      `${name}: somebody split the traffic since this deploy was planned ` +
        `(${shares.map(({ versionId, percentage }) => `${versionId} ${percentage} %`).join(', ')}).\n` +
        `Nothing was deployed. Give one version all traffic first: npx wrangler versions deploy ${id}@100 --name ${at.target.worker} --yes`,
    );
  if (id === expected) return;
  throw final(
    failures.rejectedByPlatform,
    `${name}: somebody made ${id ?? 'nothing'} live since this deploy was planned (before: ${expected ?? 'nothing'}).\n` +
      'Nothing was deployed. Deploy again: the new plan can roll back to the version that is live now.',
  );
}
