import type { HostState, Release } from '../deploy/plan.ts';
import { isStaged, short, standingNotes, type RollbackChoice } from './rollback-target.ts';

type Facts = {
  /** `live`, `last-proven`, or the first digits of a commit. */
  wanted: string;
  live: readonly HostState[];
  lastProven: Release | null;
  named: (sha: string) => Release;
};

/**
 * Returns the rollback target that the requester chose. The target must be staged on every host,
 * because a rollback fetches nothing from the network. Approvers sign this choice with the plan.
 */
export function chosenRollbackTarget(facts: Facts): RollbackChoice {
  const found = findChosen(facts);
  if ('why' in found) return { impossible: `${found.why}. ${offer(facts.live)}` };
  const { release } = found;
  const { wanted, live, lastProven } = facts;
  const missing = live.filter((host) => !isStaged(release.sha, [host])).map(({ host }) => host);
  if (missing.length > 0) {
    const why = `${short(release.sha)} is not staged on ${missing.join(', ')}`;
    return { impossible: `${why}. ${offer(live)}` };
  }
  const chosen = `the requester chose the rollback target: ${wanted}, which is ${short(release.sha)}`;
  return { rollbackTarget: release, notes: [chosen, ...standingNotes({ live, lastProven })] };
}

type Found = { release: Release } | { why: string };

function findChosen({ wanted, live, lastProven, named }: Facts): Found {
  if (wanted === 'last-proven')
    return lastProven ? { release: lastProven } : { why: 'no release was proven yet' };
  if (wanted === 'live') {
    const served = [...new Set(live.map(({ sha }) => sha))];
    const [sha = null] = served;
    if (served.length > 1)
      return { why: 'the hosts serve different releases, so there is no single live release' };
    return sha ? { release: named(sha) } : { why: 'nothing is live' };
  }
  const fits = [...new Set(live.flatMap(staged))].filter((sha) => sha.startsWith(wanted));
  if (fits.length > 1) return { why: `${fits.length} staged commits begin with ${wanted}` };
  const [sha] = fits;
  return sha ? { release: named(sha) } : { why: `${wanted} is not staged on any host` };
}

const staged = ({ sha, ready = [] }: HostState) => [...(sha ? [sha] : []), ...ready];

function offer(live: readonly HostState[]): string {
  const all = [...new Set(live.flatMap(staged))].filter((sha) => isStaged(sha, live));
  return all.length > 0
    ? `Staged on every host: ${all.slice(0, 5).map(short).join(', ')}`
    : 'No release is staged on every host';
}
