import type { Activities } from '../../../domain/activities.ts';
import { failures } from '../../../domain/failures.ts';
import type { HostState, Release } from '../../../domain/plan.ts';
import { final } from '../../lib/fail.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { proveRestored, stillServes } from './prove.ts';
import { rollback } from './rollback.ts';
import { see } from './sight.ts';

type Step = Parameters<Activities['rollBackWorker']>[0];

/** By the recorded id alone: without one wrangler would choose, and the second time the bad one. */
export async function rollBack(at: At, { release, timing, deploy }: Step): Promise<HostState> {
  const versionId = release.platformId ?? (await idOf(at, release));
  const message = `Plimsoll ${deploy.deployId} goes back`;
  const back = { sha: release.sha, taken: deploy.sha };
  const isDone = async () => (await stillServes(at, back)).length === 0;
  await rollback({ worker: at.worker, versionId, message, isDone });
  return await proveRestored(at, { id: versionId, ...back, withinMs: timing.startUpMs });
}

/** Recorded before Cloudflare's id of it was. */
async function idOf(at: At, { sha }: Release): Promise<string> {
  const found = (await see(at)).served.find((one) => one.sha === sha);
  if (found) return found.id;
  throw final(
    failures.rejectedByPlatform,
    `${nameOf(at.target)}: Cloudflare has no version of ${short(sha)} that ever served.\n` +
      `Choose one by hand: npx wrangler versions list --name ${at.target.worker}; then npx wrangler rollback ID`,
  );
}
