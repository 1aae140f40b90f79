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
 * Returns true if `sha` was live in this environment for the first time before `than`. A commit
 * that the ledger does not know as live is newer than all others. `entries` are the `released`,
 * `closed` and `adopted` entries of the environment, newest first.
 */
export function isOlder(entries: readonly Row[], sha: string, than: string): boolean {
  const own = firstLive(entries, sha);
  return sha !== than && own !== undefined && own < (firstLive(entries, than) ?? Infinity);
}

/**
 * Returns the number of the first row that shows the commit as live. The rollback target of a
 * deploy was live before this deploy, even if nobody deployed it with Plimsoll.
 */
function firstLive(entries: readonly Row[], commit: string): number | undefined {
  const rows = entries.flatMap((entry) => [
    ...(wasLive(entry) && commitIn(entry) === commit ? [entry.seq] : []),
    ...(targetIn(entry) === commit ? [entry.seq - 0.5] : []),
  ]);
  return rows.at(-1);
}

const commitIn = (entry: Row) => releaseOf(entry)?.sha ?? entry.body['sha'];

const targetIn = ({ kind, body }: Row) =>
  kind === 'released' ? releaseOf({ body: { release: body['rollbackTarget'] } })?.sha : undefined;
