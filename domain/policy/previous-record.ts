import type { Entry } from '../activities.ts';
import type { PreviousRecord } from './gates/judge-previous.ts';
import { commitOf, quarantinedSha, releaseOf, standing } from './standing.ts';

/** Kinds of entries that tell what became of a commit; of all environments of its project. */
export const recordKinds = [
  'closed',
  'revert',
  'quarantine',
  'lifted',
  'incident',
] as const satisfies Entry['kind'][];

/** How the newest deploy of this commit ended in this environment, and what became of it since. */
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
    takenBack: takenBack(entries, closed, sha),
  };
}

function takenBack(entries: readonly Entry[], closed: Entry, sha: string) {
  const release = releaseOf(closed)?.id;
  const bad = standing(entries).find(
    (it) => quarantinedSha(it, entries) === sha || (release && releaseOf(it)?.id === release),
  );
  if (bad) return { ...told(bad), how: 'quarantined', sha: commitOf(bad) ?? sha } as const;
  const revert = entries.find((it) => it.seq > closed.seq && reverts(it, entries, sha));
  return revert ? ({ ...told(revert), how: 'reverted', sha } as const) : null;
}

const told = ({ at, environment, body }: Entry) => ({
  at,
  environment: environment ?? 'another environment',
  why: typeof body['why'] === 'string' ? body['why'] : 'no reason',
});

/** The row is there even where nothing was reverted; then its `sha` is null. */
const reverts = ({ kind, body, deployId }: Entry, entries: readonly Entry[], sha: string) =>
  kind === 'revert' &&
  typeof body['sha'] === 'string' &&
  entries.some((it) => it.kind === 'closed' && it.deployId === deployId && it.body['sha'] === sha);
