import type { Activities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { HostState, Release } from '../../../domain/deploy/plan.ts';
import { final } from '../../lib/fail.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { proveRollback, stillServes } from './prove.ts';
import { wranglerRollback } from './wrangler-rollback.ts';
import { see } from './snapshot.ts';

type Step = Parameters<Activities['rollBackWorker']>[0];

/**
 * Rolls back to the recorded version and proves the result. wrangler gets the id of this version.
 * Without an id, wrangler would choose the version before the live version. After a retry, this
 * would be the bad version.
 */
export async function rollBack(at: At, { release, timing, deploy }: Step): Promise<HostState> {
  const versionId = release.platformId ?? (await idOf(at, release));
  const message = `Plimsoll ${deploy.deployId} rolls back`;
  const back = { sha: release.sha, taken: deploy.sha };
  const isDone = async () => (await stillServes(at, back)).length === 0;
  await wranglerRollback({ worker: at.worker, versionId, message, isDone });
  return await proveRollback(at, { id: versionId, ...back, withinMs: timing.startUpMs });
}

/**
 * Returns the id of a version of the commit that ever had all traffic. This is needed if a release
 * was recorded without an id.
 */
async function idOf(at: At, { sha }: Release): Promise<string> {
  const found = (await see(at)).served.find((one) => one.sha === sha);
  if (found) return found.id;
  throw final(
    failures.rejectedByPlatform,
    `${nameOf(at.target)}: Cloudflare has no version of ${short(sha)} that ever had all traffic.\n` +
      `Choose a version from this list: npx wrangler versions list --name ${at.target.worker}\n` +
      `Make that version live: npx wrangler rollback ID --name ${at.target.worker}`,
  );
}
