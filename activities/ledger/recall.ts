import type { Entry } from '../../domain/activities.ts';
import type { Release } from '../../domain/plan.ts';

/** Pure readings of one project's entries, newest first. */

/** The newest release that passed its watch and was neither quarantined nor reverted since. */
export function provenIn(entries: readonly Entry[]): Release | null {
  const proven = entries.find(
    (entry) => entry.kind === 'closed' && entry.body['outcome'] === 'succeeded' && sound(entry),
  );
  return proven ? releaseOf(proven) : null;

  function sound(entry: Entry) {
    const release = releaseOf(entry);
    if (!release || standing(entries).some((q) => covers(q, release, entries))) return false;
    const after = entries.filter(({ seq }) => seq > entry.seq);
    return !after.some((later) => later.kind === 'revert' && reverts(later, release, entries));
  }
}

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

/** Incidents without their `incident-closed`. */
export function openIn(entries: readonly Entry[]): Entry[] {
  const closed = new Set(
    entries.filter(({ kind }) => kind === 'incident-closed').map(({ body }) => body['incident']),
  );
  return entries.filter(({ kind, body }) => kind === 'incident' && !closed.has(body['incident']));
}

/** `body.release`, as `closed`, `released`, `adopted` and `quarantine` carry it. */
export function releaseOf({ body }: Entry): Release | null {
  const release = body['release'] as Partial<Release> | undefined;
  if (typeof release?.id !== 'string' || typeof release.sha !== 'string') return null;
  return { id: release.id, sha: release.sha };
}

const covers = (quarantine: Entry, release: Release, entries: readonly Entry[]) =>
  quarantinedSha(quarantine, entries) === release.sha || releaseOf(quarantine)?.id === release.id;

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

function sameSubject(lifted: Entry, quarantine: Entry) {
  const { sha } = quarantine.body;
  if (sha !== undefined) return lifted.body['sha'] === sha;
  return releaseOf(lifted)?.id === releaseOf(quarantine)?.id;
}

/** `revert` is recorded even where nothing was reverted; then its `sha` is null. */
function reverts(revert: Entry, release: Release, entries: readonly Entry[]) {
  if (typeof revert.body['sha'] !== 'string') return false;
  return entries.some(
    (entry) =>
      entry.kind === 'closed' &&
      entry.deployId === revert.deployId &&
      releaseOf(entry)?.sha === release.sha,
  );
}
