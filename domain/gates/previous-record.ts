import type { Entry } from '../contract/activities.ts';
import type { PreviousRecord } from './previous.ts';
import { commitOf, quarantinedSha, releaseOf, standing } from '../rollback/standing.ts';

/** The kinds of ledger entries that `previousRecord` reads, in all environments of a project. */
export const recordKinds = [
  'closed',
  'revert',
  'quarantine',
  'lifted',
  'incident',
] as const satisfies Entry['kind'][];

/**
 * Returns the outcome of the newest deploy of this commit to this environment, and any later
 * quarantine or revert of the commit. null: no such deploy has ended. `entries`: newest first.
 */
export function previousRecord(
  entries: readonly Entry[],
  { environment, sha }: { environment: string; sha: string },
): PreviousRecord | null {
  const closed = entries.find(
    (entry) =>
      entry.kind === 'closed' && entry.environment === environment && entry.body['sha'] === sha,
  );
  if (!closed) return null;
  const { outcome } = closed.body;
  return {
    outcome: typeof outcome === 'string' ? outcome : 'unknown',
    at: closed.at,
    withdrawn: withdrawn(entries, closed, sha),
  };
}

function withdrawn(entries: readonly Entry[], closed: Entry, sha: string) {
  const release = releaseOf(closed)?.id;
  const bad = standing(entries).find(
    (it) => quarantinedSha(it, entries) === sha || (release && releaseOf(it)?.id === release),
  );
  if (bad) return { ...factsOf(bad), how: 'quarantined', sha: commitOf(bad) ?? sha } as const;
  const revert = entries.find((it) => it.seq > closed.seq && reverts(it, entries, sha));
  return revert ? ({ ...factsOf(revert), how: 'reverted', sha } as const) : null;
}

const factsOf = ({ at, environment, body }: Entry) => ({
  at,
  environment: environment ?? 'another environment',
  why: typeof body['why'] === 'string' ? body['why'] : 'no reason',
});

/**
 * Returns true if this entry reverted the commit. If `sha` of the entry is null, nothing was
 * reverted.
 */
const reverts = ({ kind, body, deployId }: Entry, entries: readonly Entry[], sha: string) =>
  kind === 'revert' &&
  typeof body['sha'] === 'string' &&
  entries.some((it) => it.kind === 'closed' && it.deployId === deployId && it.body['sha'] === sha);
