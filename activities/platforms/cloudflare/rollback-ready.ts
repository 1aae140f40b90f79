import type { Release } from '../../../domain/deploy/plan.ts';
import type { Driver } from '../driver.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { whyNoRollback } from './wrangler-rollback.ts';
import { secretsChangedSince, see } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { objectsStay } from './guards.ts';
import type { Reading } from './guards.ts';
import { objectsOf } from './wrangler-file.ts';

type RollbackReadiness = Awaited<ReturnType<Driver['rollbackReady']>>;

/**
 * Checks whether Cloudflare can roll back to the recorded version. The version must exist, and its
 * tag must be the commit. The Durable Objects must not have changed after this version.
 */
export async function rollbackReadyAt(
  { at, git }: Reading,
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
  // An adopted version has no commit in its tag. Such a version is a valid target only while it is
  // live.
  if (commit === null ? snapshot.id !== id : commit !== sha)
    return gone(`version ${id} was not made from ${short(sha)}. ${choose}`);
  const refusal = await whyNoRollback(client, target.worker, id);
  if (refusal !== null) return gone(refusal.replaceAll('\n', ' '));
  if (await objectsDiffer(git, at, { sha, snapshot }))
    return gone(
      `version ${id} was made before the Durable Objects in "exports" of wrangler's file changed. ` +
        `${objectsStay} ${choose}`,
    );
  const changed = secretsChangedSince(version, (await client.versions()) ?? []);
  const note = `${host}: ${otherSecrets(id, changed)}`;
  return [{ host, present: true, ...(changed === null ? {} : { note }) }];
}

/**
 * Returns a note about a version that is older than the last change of the secrets. Cloudflare
 * refuses a rollback to such a version (code 10220), but wrangler can force the rollback.
 */
export const otherSecrets = (id: string, changedAt: string | null) =>
  `the secrets were changed at ${changedAt} after version ${id} was made; this version may run with ` +
  'their earlier values';

/**
 * True if the rollback target and the live version declare different Durable Objects in "exports".
 * If a declaration cannot be read, the result is false, and Cloudflare decides about the rollback.
 */
async function objectsDiffer(
  git: Reading['git'],
  { target }: At,
  { sha, snapshot }: { sha: string; snapshot: Snapshot },
): Promise<boolean> {
  if (sha === snapshot.codeSha) return false;
  const live = await objectsOf(git, target, snapshot.codeSha);
  const then = await objectsOf(git, target, sha);
  return typeof live === 'string' && then !== undefined && live !== then;
}
