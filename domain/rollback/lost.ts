import type { Entry, LostDeploy } from '../contract/activities.ts';
import type { HostState, Plan } from '../deploy/plan.ts';

export type Unclosed = Omit<LostDeploy, 'how' | 'closedAt' | 'rollingBack'>;

const untouched: readonly unknown[] = ['gate-closed', 'rejected', 'expired', 'aborted'];

const afterRollback: readonly unknown[] = [
  'rolled-back',
  'rolled-back-still-failing',
  'rollback-failed',
  'rollback-not-approved',
];

/** Returns true for the outcomes of a deploy that went through its rollback phase. */
export const isAfterRollback = (outcome: unknown): boolean => afterRollback.includes(outcome);

/**
 * Finds, for each environment, the newest deploy that has a `started` entry but no `closed` entry.
 * If a newer deploy has changed production and closed, the older deploy is not returned, because
 * its rollback would replace the newer release. `entries`: newest first.
 */
export function unclosedDeploys(entries: readonly Entry[]): Unclosed[] {
  const closed = new Map(ofKind(entries, 'closed').map(({ deployId, body }) => [deployId, body]));
  const begun = new Map(ofKind(entries, 'released').map((entry) => [entry.deployId, entry]));
  const found = new Map<string, Unclosed | null>();
  for (const started of ofKind(entries, 'started')) {
    const place = `${started.project} ${started.environment}`;
    if (found.has(place)) continue;
    const end = closed.get(started.deployId);
    if (end === undefined) found.set(place, unclosed(started, begun.get(started.deployId)));
    else if (!untouched.includes(end['outcome'])) found.set(place, null);
  }
  return [...found.values()].filter((one) => one !== null);
}

const ofKind = (entries: readonly Entry[], kind: Entry['kind']) =>
  entries.filter((entry) => entry.kind === kind);

function unclosed(started: Entry, begun: Entry | undefined): Unclosed {
  const text = (name: string) => {
    const value = started.body[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    deployId: started.deployId ?? '',
    project: started.project ?? '',
    environment: started.environment ?? '',
    runId: text('runId'),
    sha: text('sha'),
    requestedBy: text('requestedBy'),
    plan: (begun?.body['plan'] as Plan | undefined) ?? null,
  };
}

/**
 * The state of an environment after a lost deploy. 'old': every host serves the previous release
 * and is healthy, or a first deploy never became live. 'rollback': a host serves the unproven
 * release or is not healthy. 'foreign': another release was made live later, or no host was read.
 * 'no-way': a first deploy is live, and there is no rollback target.
 */
export type Found = 'old' | 'rollback' | 'foreign' | 'no-way';

export function judgeLost({ rollbackTarget, release }: Plan, states: readonly HostState[]): Found {
  const known = [rollbackTarget?.sha ?? null, release.sha];
  const recorded = ({ id }: HostState) => id !== undefined && id === rollbackTarget?.platformId;
  const foreign = ({ sha, runningSha }: HostState) =>
    !known.includes(sha) || (runningSha !== null && !known.includes(runningSha));
  if (states.length === 0 || states.some((state) => foreign(state) && !recorded(state)))
    return 'foreign';
  const served = (state: HostState) =>
    rollbackTarget?.platformId === undefined
      ? state.sha === rollbackTarget?.sha && state.runningSha === rollbackTarget?.sha
      : recorded(state);
  const isOld = (state: HostState) =>
    rollbackTarget ? served(state) && state.healthy : state.sha === null;
  if (states.every(isOld)) return 'old';
  return rollbackTarget ? 'rollback' : 'no-way';
}
