import type { Entry } from '../contract/ledger.ts';
import { releaseOf } from './standing.ts';

/** The outcomes of deploys that changed nothing in production. */
export const untouched: readonly unknown[] = ['gate-closed', 'rejected', 'expired', 'aborted'];

type Row = Pick<Entry, 'seq' | 'kind' | 'body'>;

const wasLive = ({ kind, body }: Row) =>
  kind === 'adopted' ||
  kind === 'released' ||
  (kind === 'closed' && !untouched.includes(body['outcome']));

/**
 * True if `sha` was live in this environment for the first time before `than`. A commit that the
 * ledger does not know as live is newer than all others. `entries` are the `released`, `closed` and
 * `adopted` entries of the environment, newest first.
 */
export function isOlder(entries: readonly Row[], sha: string, than: string): boolean {
  const first = (commit: string) =>
    entries.findLast((entry) => wasLive(entry) && commitIn(entry) === commit)?.seq;
  const own = first(sha);
  return sha !== than && own !== undefined && own < (first(than) ?? Infinity);
}

const commitIn = (entry: Row) => releaseOf(entry)?.sha ?? entry.body['sha'];
