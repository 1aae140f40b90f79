import { failures } from '../../../domain/deploy/failures.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { final } from '../../lib/fail.ts';
import type { Worker } from './api/access.ts';
import { createClient } from './api/client.ts';
import type { CloudflareClient } from './api/client.ts';
import { besideWrangler } from './find-wrangler.ts';
import { liveNow, sameShares } from './find-version.ts';
import { proven, unseen } from './releases.ts';
import type { Deployed } from './releases.ts';
import { runWrangler } from './run-wrangler.ts';

const timeoutMs = 2 * 60_000;

/**
 * Gives all traffic to the version `versionId`. Needs only Cloudflare, not the source code.
 * wrangler gets the id, because a second run without an id would choose the bad version. Throws a
 * final failure of type 'rejectedByPlatform' in two cases: Cloudflare no longer has the version, or
 * a Durable Object migration came after this version.
 */
export async function wranglerRollback({
  worker,
  versionId,
  message,
  isDone = async () => true,
}: {
  worker: Worker;
  versionId: string;
  message: string;
  /**
   * A check that runs if Cloudflare reports that the version already has all traffic. Returns false
   * if production still serves the release that is rolled back. Then wrangler runs the rollback
   * anyway.
   */
  isDone?: () => Promise<boolean>;
}): Promise<Deployed> {
  const client = createClient(worker, cancellation());
  const shares = [{ versionId, percentage: 100 }];
  const before = await liveNow(client);
  if (before && sameShares(before.shares, shares) && (await isDone()))
    return { deploymentId: before.id, deployed: 'already' };
  await mustBeReachable(client, worker, versionId);
  const args = ['rollback', versionId, '--name', worker.name, '--message', message, '--yes'];
  const wrangler = await besideWrangler();
  const result = await runWrangler({ wrangler, access: worker.access, args, timeoutMs });
  return proven(client, shares, () => unseen(worker, 'roll back', result));
}

async function mustBeReachable(client: CloudflareClient, { name }: Worker, versionId: string) {
  const refusal = await whyNoRollback(client, name, versionId);
  if (refusal) throw final(failures.rejectedByPlatform, refusal);
}

/** Returns the reason why no rollback to the version is possible, or null. */
export async function whyNoRollback(
  client: CloudflareClient,
  name: string,
  versionId: string,
): Promise<string | null> {
  const [version, service] = await Promise.all([client.version(versionId), client.service()]);
  if (!version || !service)
    return (
      `${name} has no version ${versionId}: Cloudflare does not keep it any more.\n` +
      `See its versions: npx wrangler versions list --name ${name}`
    );
  const then = version.migrationTag;
  // Without a migration tag, Plimsoll tries the rollback, and Cloudflare accepts or refuses it.
  if (then === null || then === service.migrationTag) return null;
  return (
    `${name} cannot roll back to version ${versionId}. That version has the Durable Object ` +
    `migration "${then}", but the worker is at "${service.migrationTag ?? 'none'}".\n` +
    'Cloudflare cannot reverse such a migration. Fix the problem with a new commit.'
  );
}
