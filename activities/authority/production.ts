import { setTimeout as sleep } from 'node:timers/promises';
import type { HostState, Plan, Warrant } from '../../domain/deploy/plan.ts';
import { serves } from '../../domain/rollback/serves.ts';
import type { GuardDeps } from './guard-types.ts';
import { ownFacts } from './own-facts.ts';
import { isLate } from './warrant.ts';

/** A worker waits at most this long for the hosts before it records an end, in milliseconds. */
const lookMs = 8000;

/** Reads what every host of the deploy's place serves now. Returns null if a host does not answer. */
export async function lookAt(
  { config, inspectHosts }: GuardDeps,
  { project, environment }: Pick<Warrant['deploy'], 'project' | 'environment'>,
): Promise<HostState[] | null> {
  const late = sleep(lookMs, null, { ref: false });
  const { target } = ownFacts(config(), { project, environment });
  const states = await Promise.race([inspectHosts({ target }).catch(() => null), late]);
  return states && states.length > 0 ? states : null;
}

/** True if every host serves the rollback target of the plan. */
export const servesTarget = ({ rollbackTarget }: Plan, states: readonly HostState[]): boolean =>
  rollbackTarget !== null && states.every((state) => serves(state, rollbackTarget));

/**
 * Compares production with the state before the deploy. 'new': a host serves the release of the
 * deploy. 'other': a host serves another release than before. 'kept': nothing has changed.
 */
export function sinceBefore(
  { purpose, liveId, release, rollbackTarget }: Warrant,
  states: readonly HostState[],
): 'kept' | 'other' | 'new' {
  // Before a late rollback, the release of the same deploy is live.
  if (isLate({ purpose })) return states.every(({ sha }) => sha === release.sha) ? 'kept' : 'other';
  const again = rollbackTarget?.sha === release.sha;
  const isNew = ({ id, sha, runningSha }: HostState) =>
    liveId === null
      ? !again && (sha === release.sha || runningSha === release.sha)
      : id !== liveId && sha === release.sha;
  if (states.some(isNew)) return 'new';
  return liveId !== null && states.some(({ id }) => id !== liveId) ? 'other' : 'kept';
}
