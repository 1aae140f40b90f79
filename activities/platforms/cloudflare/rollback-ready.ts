import type { Release } from '../../../domain/deploy/plan.ts';
import type { Driver } from '../driver.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { whyNoRollback } from './wrangler-rollback.ts';
import { see } from './snapshot.ts';

type RollbackReadiness = Awaited<ReturnType<Driver['rollbackReady']>>;

/**
 * Tells whether Cloudflare can roll back to the recorded version. The version must exist, and its
 * tag must be the commit. There must be no Durable Object migration after that version.
 */
export async function rollbackReadyAt(
  at: At,
  { sha, platformId: id }: Release,
): Promise<RollbackReadiness> {
  const { target, client } = at;
  const host = nameOf(target);
  const gone = (why: string): RollbackReadiness => [
    { host, present: false, gone: `${host}: ${why}` },
  ];
  const choose = 'Choose another rollback target: --rollback-target live.';
  if (id === undefined) return gone(`no version of ${short(sha)} was ever live. ${choose}`);
  const [version, snapshot] = await Promise.all([client.version(id), see(at)]);
  if (!version) return gone(`Cloudflare does not keep version ${id} any more. ${choose}`);
  const commit = /^[0-9a-f]{40}$/.test(version.tag ?? '') ? version.tag : null;
  // An adopted version has no commit in its tag. Such a version is accepted only if it is live.
  if (commit === null ? snapshot.id !== id : commit !== sha)
    return gone(`version ${id} was not made from ${short(sha)}. ${choose}`);
  const refusal = await whyNoRollback(client, target.worker, id);
  return refusal === null ? [{ host, present: true }] : gone(refusal.replaceAll('\n', ' '));
}
