import type { Entry } from '../../domain/activities.ts';
import type { Release } from '../../domain/plan.ts';
import { quarantinedSha, releaseOf, standing } from '../../domain/policy/standing.ts';

export { quarantinedSha, releaseOf, standing };

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

/** Incidents without their `incident-closed`. */
export function openIn(entries: readonly Entry[]): Entry[] {
  const closed = new Set(
    entries.filter(({ kind }) => kind === 'incident-closed').map(({ body }) => body['incident']),
  );
  return entries.filter(({ kind, body }) => kind === 'incident' && !closed.has(body['incident']));
}

const covers = (quarantine: Entry, release: Release, entries: readonly Entry[]) =>
  quarantinedSha(quarantine, entries) === release.sha || releaseOf(quarantine)?.id === release.id;

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
