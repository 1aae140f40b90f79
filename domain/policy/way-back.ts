import type { HostState, Release } from '../plan.ts';

export type WayBack =
  | { restoreTo: Release | null; notes: string[] }
  /** No release could be made live on every host without a network fetch. */
  | { impossible: string };

/**
 * Which release is made live when this deploy fails. `live` has every host; `named` gives the id under which
 * a SHA was released here.
 */
export function wayBack(facts: {
  live: readonly HostState[];
  lastProven: Release | null;
  named: (sha: string) => Release;
}): WayBack {
  const { live, lastProven, named } = facts;
  const served = [...new Set(live.map(({ sha }) => sha))];
  const proven = lastProven && isStaged(lastProven.sha, live) ? lastProven : null;
  if (served.length > 1) return proven ? toProven(proven, mixed(live)) : noWay(live);
  const [sha] = served;
  if (sha === undefined || sha === null)
    return { restoreTo: null, notes: ['nothing is live: there is no way back'] };
  const sick = live.filter(({ healthy }) => !healthy).map(({ host }) => host);
  if (sick.length === 0) return { restoreTo: named(sha), notes: foreign(sha, lastProven) };
  const why = `${short(sha)} was already unhealthy on ${sick.join(', ')} when this was planned`;
  if (proven && proven.sha !== sha) return toProven(proven, why);
  return { restoreTo: named(sha), notes: [`${why}: the way back leads to a release that is sick`] };
}

const isStaged = (sha: string, live: readonly HostState[]) =>
  live.every((host) => host.sha === sha || host.ready?.includes(sha) === true);

const toProven = (proven: Release, why: string): WayBack => ({
  restoreTo: proven,
  notes: [`${why}: the way back is the last proven release ${short(proven.sha)}`],
});

const mixed = (live: readonly HostState[]) =>
  `the hosts differ (${live.map(({ host, sha }) => `${host}: ${sha ? short(sha) : 'nothing'}`).join(', ')})`;

const noWay = (live: readonly HostState[]): WayBack => ({
  impossible: `${mixed(live)}, and no proven release is staged on all of them`,
});

const foreign = (sha: string, lastProven: Release | null) =>
  lastProven?.sha === sha
    ? []
    : [`${short(sha)} is live without having been proven by a watch of Plimsoll`];

const short = (sha: string) => sha.slice(0, 7);
