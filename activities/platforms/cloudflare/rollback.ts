import { failures } from '../../../domain/failures.ts';
import { cancellation } from '../../git/pulse.ts';
import { final } from '../../lib/fail.ts';
import type { Worker } from './access.ts';
import { createClient } from './client.ts';
import type { CloudflareClient } from './client.ts';
import { besideWrangler } from './find-wrangler.ts';
import { liveNow, sameShares } from './look.ts';
import { proven, unseen } from './releases.ts';
import type { Deployed } from './releases.ts';
import { runWrangler } from './run-wrangler.ts';

const timeoutMs = 2 * 60_000;

/**
 * All traffic to the recorded version, and nothing is needed for it but Cloudflare. Without an id wrangler would
 * choose one, the bad one the second time. Final rejectedByPlatform: a Durable Object migration lies between.
 */
export async function rollback({
  worker,
  versionId,
  message,
  isDone = async () => true,
}: {
  worker: Worker;
  versionId: string;
  message: string;
  /** Where Cloudflare says that it is done already: whether production agrees. */
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
  const refusal = await whyNoWayBack(client, name, versionId);
  if (refusal) throw final(failures.rejectedByPlatform, refusal);
}

/** Why the version cannot serve again; null = nothing is known against it. */
export async function whyNoWayBack(
  client: CloudflareClient,
  name: string,
  versionId: string,
): Promise<string | null> {
  const [version, service] = await Promise.all([client.version(versionId), client.service()]);
  if (!version || !service)
    return (
      `${name} has no version ${versionId}: Cloudflare does not keep it any more.\n` +
      `See what it has: npx wrangler versions list --name ${name}`
    );
  const then = version.migrationTag;
  // A version that does not say its tag is left to Cloudflare's own judgement.
  if (then === null || then === service.migrationTag) return null;
  return (
    `${name} cannot go back to version ${versionId}: it knows the Durable Object migration "${then}", ` +
    `and the worker is at "${service.migrationTag ?? 'none'}".\n` +
    'Cloudflare does not undo such a migration: repair it forward, with a new commit.'
  );
}
