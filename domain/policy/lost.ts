import type { Entry, LostDeploy } from '../activities.ts';
import type { HostState, Plan } from '../plan.ts';

export type Unclosed = Omit<LostDeploy, 'how' | 'closedAt'>;

const untouched: readonly unknown[] = ['gate-closed', 'rejected', 'expired', 'aborted'];

/**
 * Per place the newest deploy that the ledger saw begin and never saw end. What is older than a deploy that
 * reached production is history: nobody may go back to before it. Entries newest first.
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

/** What is recorded right before the first effect: enough to find the way back without any history. */
export const intentOf = (plan: Plan): Plan => ({
  ...plan,
  commits: [],
  commitsLeftOut: plan.commitsLeftOut + plan.commits.length,
  power: [],
});

/**
 * 'old': every host serves the release before, healthy; nothing is left to do. 'restore': the unproven release is
 * on some host, or one is sick. 'foreign': somebody made something else live meanwhile. 'no-way': a first deploy.
 */
export type Found = 'old' | 'restore' | 'foreign' | 'no-way';

export function judgeLost({ restoreTo, release }: Plan, states: readonly HostState[]): Found {
  const known = [restoreTo?.sha ?? null, release.sha];
  const recorded = ({ id }: HostState) => id !== undefined && id === restoreTo?.platformId;
  const foreign = ({ sha, runningSha }: HostState) =>
    !known.includes(sha) || (runningSha !== null && !known.includes(runningSha));
  if (states.length === 0 || states.some((state) => foreign(state) && !recorded(state)))
    return 'foreign';
  const served = (state: HostState) =>
    restoreTo?.platformId === undefined
      ? state.sha === restoreTo?.sha && state.runningSha === restoreTo?.sha
      : recorded(state);
  const isOld = (state: HostState) =>
    restoreTo ? served(state) && state.healthy : state.sha === null;
  if (states.every(isOld)) return 'old';
  return restoreTo ? 'restore' : 'no-way';
}
