import type { Entry } from '../contract/activities.ts';
import type { HostState, Plan } from '../deploy/plan.ts';
import { judgeLost } from './lost.ts';
import { releaseOf } from './standing.ts';

const wentBack: readonly unknown[] = ['rolled-back', 'rolled-back-still-failing'];

/**
 * Returns the `released` entry of the deploy whose rollback was the last change of the place; else
 * null. `rows` are the ledger entries of the place, newest first.
 */
export function lastRolledBack(rows: readonly Entry[]): Entry | null {
  const begun = rows.find(({ kind }) => kind === 'released' || kind === 'adopted');
  if (begun?.kind !== 'released') return null;
  const closed = rows.find(
    ({ kind, deployId }) => kind === 'closed' && deployId === begun.deployId,
  );
  return wentBack.includes(closed?.body['outcome']) ? begun : null;
}

/**
 * Returns the commit of the release that was rolled back last; null = no such release, or no other
 * commit.
 */
export function rolledBackSha(rows: readonly Entry[]): string | null {
  const entry = lastRolledBack(rows);
  const target = entry?.body['rollbackTarget'] as { sha?: unknown } | null | undefined;
  const sha = entry ? releaseOf(entry)?.sha : undefined;
  return sha === undefined || sha === target?.sha ? null : sha;
}

/**
 * Returns true if a host serves the release of the plan again. Returns false if any host serves a
 * release that the plan does not know, because then a person or another tool has changed
 * production.
 */
export function hasReturned(plan: Plan, states: readonly HostState[]): boolean {
  const { release, rollbackTarget } = plan;
  if (!rollbackTarget || release.sha === rollbackTarget.sha) return false;
  const isBack = ({ sha, runningSha }: HostState) => [sha, runningSha].includes(release.sha);
  return states.some(isBack) && judgeLost(plan, states) === 'rollback';
}
