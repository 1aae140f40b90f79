import type { HostState, Release } from '../plan.ts';
import { isStaged, short, standingNotes, type WayBack } from './way-back.ts';

type Facts = {
  /** `live`, `last-proven`, or the first digits of a commit. */
  wanted: string;
  live: readonly HostState[];
  lastProven: Release | null;
  named: (sha: string) => Release;
};

/**
 * The way back that the requester named. It must be staged on every host: a restore fetches nothing. The choice
 * is part of what is approved.
 */
export function chosenWayBack(facts: Facts): WayBack {
  const found = findChosen(facts);
  if ('why' in found) return { impossible: `${found.why}. ${offer(facts.live)}` };
  const { release } = found;
  const { wanted, live, lastProven } = facts;
  const missing = live.filter((host) => !isStaged(release.sha, [host])).map(({ host }) => host);
  if (missing.length > 0) {
    const why = `${short(release.sha)} is not staged on ${missing.join(', ')}`;
    return { impossible: `${why}. ${offer(live)}` };
  }
  const chosen = `the way back was chosen by the requester: ${wanted}, which is ${short(release.sha)}`;
  return { restoreTo: release, notes: [chosen, ...standingNotes({ live, lastProven })] };
}

type Found = { release: Release } | { why: string };

function findChosen({ wanted, live, lastProven, named }: Facts): Found {
  if (wanted === 'last-proven')
    return lastProven ? { release: lastProven } : { why: 'no release was proven yet' };
  if (wanted === 'live') {
    const served = [...new Set(live.map(({ sha }) => sha))];
    const [sha = null] = served;
    if (served.length > 1) return { why: 'the hosts differ, so there is no one live release' };
    return sha ? { release: named(sha) } : { why: 'nothing is live' };
  }
  const fits = [...new Set(live.flatMap(staged))].filter((sha) => sha.startsWith(wanted));
  if (fits.length > 1) return { why: `${wanted} is the beginning of ${fits.length} releases` };
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
