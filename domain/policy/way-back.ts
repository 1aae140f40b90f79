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
  if (sha === undefined || sha === null) return { restoreTo: null, notes: nothingOfOurs(live) };
  const sick = live.filter(({ healthy }) => !healthy).map(({ host }) => host);
  if (sick.length === 0) return { restoreTo: named(sha), notes: foreign(sha, lastProven) };
  const why = sickSince(sha, sick);
  if (proven && proven.sha !== sha) return toProven(proven, why);
  return { restoreTo: named(sha), notes: [`${why}: the way back leads to a release that is sick`] };
}

function nothingOfOurs(live: readonly HostState[]): string[] {
  const foreign = live.flatMap((state) =>
    state.foreign ? [`${state.host}: ${state.foreign.path}`] : [],
  );
  return foreign.length === 0
    ? ['nothing is live: there is no way back']
    : [`what is live was never adopted, so there is no way back to it (${foreign.join(', ')})`];
}

/** Without a network fetch: it is live there, or complete beside what is live. */
export const isStaged = (sha: string, live: readonly HostState[]) =>
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

export type Standing = 'proven' | 'unproven' | 'sick';
type Seen = { live: readonly HostState[]; lastProven: Release | null };

/** How far what is live may be compared with. Hosts that differ are as good as sick. */
export function standingOf({ live, lastProven }: Seen): Standing {
  const [first] = live;
  const alike = live.every(({ sha, healthy }) => healthy && sha !== null && sha === first?.sha);
  if (!alike) return 'sick';
  return lastProven?.sha === first?.sha ? 'proven' : 'unproven';
}

/** What is wrong with what is live, whichever way back is taken. */
export function standingNotes({ live, lastProven }: Seen): string[] {
  const [sha, ...others] = [...new Set(live.map((host) => host.sha))];
  if (others.length > 0) return [mixed(live)];
  if (!sha) return [];
  const sick = live.filter(({ healthy }) => !healthy).map(({ host }) => host);
  return sick.length > 0 ? [sickSince(sha, sick)] : foreign(sha, lastProven);
}

const sickSince = (sha: string, sick: readonly string[]) =>
  `${short(sha)} was already unhealthy on ${sick.join(', ')} when this was planned`;

const foreign = (sha: string, lastProven: Release | null) =>
  lastProven?.sha === sha
    ? []
    : [`${short(sha)} is live without having been proven by a watch of Plimsoll`];

export const short = (sha: string) => sha.slice(0, 7);
