import type { Entry } from '../contract/activities.ts';
import type { Release } from '../deploy/plan.ts';

// The functions below are pure. Their input is all entries of one project, newest first.

/** Returns the quarantines that are not lifted. */
export function standing(entries: readonly Entry[]): Entry[] {
  return entries.filter(
    (entry) =>
      entry.kind === 'quarantine' &&
      !entries.some(
        (later) => later.kind === 'lifted' && later.seq > entry.seq && sameSubject(later, entry),
      ),
  );
}

/**
 * Returns the release in a `closed`, `released`, `adopted` or `quarantine` entry; null: the entry
 * names no release.
 */
export function releaseOf({ body }: Pick<Entry, 'body'>): Release | null {
  const release = body['release'] as Partial<Release> | undefined;
  if (typeof release?.id !== 'string' || typeof release.sha !== 'string') return null;
  const { id, sha, platformId } = release;
  return { id, sha, ...(typeof platformId === 'string' ? { platformId } : {}) };
}

/**
 * Returns the quarantined commit. null: the rollback target has the same commit, so only the
 * release id is quarantined.
 */
export function quarantinedSha(quarantine: Entry, entries: readonly Entry[]): string | null {
  const { sha } = quarantine.body;
  if (typeof sha !== 'string') return null;
  const incident = entries.find(
    ({ kind, deployId }) => kind === 'incident' && deployId === quarantine.deployId,
  );
  const rolledBackTo = incident?.body['rolledBackTo'] as Partial<Release> | null | undefined;
  return rolledBackTo?.sha === sha ? null : sha;
}

/** Returns the commit that a lift must name, even if the quarantine covers only the release id. */
export function commitOf(quarantine: Pick<Entry, 'body'>): string | null {
  const { sha } = quarantine.body;
  return typeof sha === 'string' ? sha : (releaseOf(quarantine)?.sha ?? null);
}

/**
 * Returns the newest quarantine in this environment that is not lifted and whose commit begins with
 * `sha`; null: there is none.
 */
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
