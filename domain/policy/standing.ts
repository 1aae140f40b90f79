import type { Entry } from '../activities.ts';
import type { Release } from '../plan.ts';

/** Pure readings of quarantines among one project's entries, newest first. */

/** Quarantines that nobody has lifted. */
export function standing(entries: readonly Entry[]): Entry[] {
  return entries.filter(
    (entry) =>
      entry.kind === 'quarantine' &&
      !entries.some(
        (later) => later.kind === 'lifted' && later.seq > entry.seq && sameSubject(later, entry),
      ),
  );
}

/** `body.release`, as `closed`, `released`, `adopted` and `quarantine` carry it. */
export function releaseOf({ body }: Pick<Entry, 'body'>): Release | null {
  const release = body['release'] as Partial<Release> | undefined;
  if (typeof release?.id !== 'string' || typeof release.sha !== 'string') return null;
  const { id, sha, platformId } = release;
  return { id, sha, ...(typeof platformId === 'string' ? { platformId } : {}) };
}

/** null: the same commit was restored, under other settings; then only the release id is bad. */
export function quarantinedSha(quarantine: Entry, entries: readonly Entry[]): string | null {
  const { sha } = quarantine.body;
  if (typeof sha !== 'string') return null;
  const incident = entries.find(
    ({ kind, deployId }) => kind === 'incident' && deployId === quarantine.deployId,
  );
  const restored = incident?.body['restored'] as Partial<Release> | null | undefined;
  return restored?.sha === sha ? null : sha;
}

/** The commit that a lift names, whatever of it is quarantined. */
export function commitOf(quarantine: Pick<Entry, 'body'>): string | null {
  const { sha } = quarantine.body;
  return typeof sha === 'string' ? sha : (releaseOf(quarantine)?.sha ?? null);
}

/** The newest standing quarantine of this commit (or of the commits that begin so) in this environment. */
export const quarantineToLift = (
  entries: readonly Entry[],
  { environment, sha }: { environment: string; sha: string },
): Entry | null =>
  standing(entries).find(
    (entry) => entry.environment === environment && commitOf(entry)?.startsWith(sha),
  ) ?? null;

function sameSubject(lifted: Entry, quarantine: Entry) {
  const { sha } = lifted.body;
  if (typeof sha === 'string') return sha === commitOf(quarantine);
  return releaseOf(lifted)?.id === releaseOf(quarantine)?.id;
}
