import type { Entry } from '../contract/activities.ts';
import type { HostState } from '../deploy/plan.ts';
import { isOlder } from './older.ts';

type Facts = {
  sha: string;
  live: readonly Pick<HostState, 'sha'>[];
  /** The ledger entries of this environment, newest first. */
  entries: readonly Pick<Entry, 'seq' | 'kind' | 'body'>[];
};

/**
 * Returns true if a deploy of `sha` makes the previous release live again. The current release must
 * be live on every host, and must be newer than the previous release. So nobody deploys a newer
 * release as "the previous one" after a rollback. Neither a freeze window nor a stop blocks such a
 * deploy.
 */
export function redeploysPrevious({ sha, live, entries }: Facts): boolean {
  const newest = entries.find(({ kind }) => kind === 'released')?.body;
  const before = newest?.['rollbackTarget'] as { sha?: unknown } | null | undefined;
  return (
    live.length > 0 &&
    live.every((host) => host.sha !== null && host.sha === newest?.['sha']) &&
    before?.sha === sha &&
    newest?.['sha'] !== sha &&
    isOlder(entries, sha, String(newest?.['sha']))
  );
}

export const redeploysPreviousNote =
  'this deploy redeploys the previous release, so no freeze window and no stop blocks it';
