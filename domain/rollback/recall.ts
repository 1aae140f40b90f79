import type { Entry } from '../contract/activities.ts';
import type { Release } from '../deploy/plan.ts';
import { quarantinedSha, releaseOf, standing } from './standing.ts';

export { quarantinedSha, releaseOf, standing };

// The functions below are pure. Their input is all entries of one project, newest first.

/** Returns the newest release that passed its watch and was not quarantined or reverted later. */
export function provenIn(entries: readonly Entry[]): Release | null {
  const [newest] = provenEntries(entries);
  return newest ? releaseOf(newest) : null;
}

/**
 * Returns the `closed` entries of all releases that passed their watch and were not quarantined or
 * reverted later, newest first.
 */
export function provenEntries(entries: readonly Entry[]): Entry[] {
  const quarantines = standing(entries);
  return entries.filter(
    (entry) => entry.kind === 'closed' && entry.body['outcome'] === 'succeeded' && sound(entry),
  );

  function sound(entry: Entry) {
    const release = releaseOf(entry);
    if (!release || quarantines.some((q) => covers(q, release, entries))) return false;
    const after = entries.filter(({ seq }) => seq > entry.seq);
    return !after.some((later) => later.kind === 'revert' && reverts(later, release, entries));
  }
}

/** Returns the incidents that have no `incident-closed` entry. */
export function openIn(entries: readonly Entry[]): Entry[] {
  const closed = new Set(
    entries.filter(({ kind }) => kind === 'incident-closed').map(({ body }) => body['incident']),
  );
  return entries.filter(({ kind, body }) => kind === 'incident' && !closed.has(body['incident']));
}

const covers = (quarantine: Entry, release: Release, entries: readonly Entry[]) =>
  quarantinedSha(quarantine, entries) === release.sha || releaseOf(quarantine)?.id === release.id;

/**
 * Returns true if this entry reverted the release. If `sha` of the entry is null, nothing was
 * reverted.
 */
function reverts(revert: Entry, release: Release, entries: readonly Entry[]) {
  if (typeof revert.body['sha'] !== 'string') return false;
  return entries.some(
    (entry) =>
      entry.kind === 'closed' &&
      entry.deployId === revert.deployId &&
      releaseOf(entry)?.sha === release.sha,
  );
}
