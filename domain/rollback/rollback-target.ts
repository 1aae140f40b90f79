import type { HostState, Release } from '../deploy/plan.ts';

export type RollbackChoice =
  | { rollbackTarget: Release | null; notes: string[] }
  /** The reason why there is no rollback target that is staged on every host. */
  | { impossible: string };

/**
 * Chooses the release that becomes live again if this deploy fails. `live` is the state of every
 * host. `named` returns the release of a SHA, with the recorded release id if there is one.
 */
export function usualRollbackTarget(facts: {
  live: readonly HostState[];
  lastProven: Release | null;
  named: (sha: string) => Release;
}): RollbackChoice {
  const { live, lastProven, named } = facts;
  const served = [...new Set(live.map(({ sha }) => sha))];
  const proven = lastProven && isStaged(lastProven.sha, live) ? lastProven : null;
  if (served.length > 1) return proven ? toProven(proven, mixed(live)) : noTarget(live);
  const [sha] = served;
  if (sha === undefined || sha === null)
    return { rollbackTarget: null, notes: nothingOfOurs(live) };
  const sick = live.filter(({ healthy }) => !healthy).map(({ host }) => host);
  if (sick.length === 0) return { rollbackTarget: named(sha), notes: foreign(sha, lastProven) };
  const why = sickSince(sha, sick);
  if (proven && proven.sha !== sha) return toProven(proven, why);
  return {
    rollbackTarget: named(sha),
    notes: [`${why}: the rollback target is not healthy`],
  };
}

function nothingOfOurs(live: readonly HostState[]): string[] {
  const foreign = live.flatMap((state) =>
    state.foreign ? [`${state.host}: ${state.foreign.path}`] : [],
  );
  return foreign.length === 0
    ? ['nothing is live: there is no rollback target']
    : [`the live release was never adopted, so it is no rollback target (${foreign.join(', ')})`];
}

/**
 * Returns true if the release is live or completely staged on every host. A rollback to such a
 * release fetches nothing from the network.
 */
export const isStaged = (sha: string, live: readonly HostState[]) =>
  live.every((host) => host.sha === sha || host.ready?.includes(sha) === true);

const toProven = (proven: Release, why: string): RollbackChoice => ({
  rollbackTarget: proven,
  notes: [`${why}: the rollback target is the last proven release ${short(proven.sha)}`],
});

const mixed = (live: readonly HostState[]) => {
  const served = live.map(({ host, sha }) => `${host}: ${sha ? short(sha) : 'nothing'}`);
  return `the hosts serve different releases (${served.join(', ')})`;
};

const noTarget = (live: readonly HostState[]): RollbackChoice => ({
  impossible: `${mixed(live)}, and no proven release is staged on every host`,
});

export type Standing = 'proven' | 'unproven' | 'sick';
type LiveState = { live: readonly HostState[]; lastProven: Release | null };

/**
 * Returns the state of the live release. If the hosts serve different releases, the state is
 * 'sick'.
 */
export function standingOf({ live, lastProven }: LiveState): Standing {
  const [first] = live;
  const alike = live.every(({ sha, healthy }) => healthy && sha !== null && sha === first?.sha);
  if (!alike) return 'sick';
  return lastProven?.sha === first?.sha ? 'proven' : 'unproven';
}

/** Returns notes about problems of the live release, whatever the rollback target is. */
export function standingNotes({ live, lastProven }: LiveState): string[] {
  const [sha, ...others] = [...new Set(live.map((host) => host.sha))];
  if (others.length > 0) return [mixed(live)];
  if (!sha) return [];
  const sick = live.filter(({ healthy }) => !healthy).map(({ host }) => host);
  return sick.length > 0 ? [sickSince(sha, sick)] : foreign(sha, lastProven);
}

const sickSince = (sha: string, sick: readonly string[]) =>
  `${short(sha)} was already unhealthy on ${sick.join(', ')} when this deploy was planned`;

const foreign = (sha: string, lastProven: Release | null) =>
  lastProven?.sha === sha ? [] : [`${short(sha)} is live, but no watch of Plimsoll has proven it`];

export const short = (sha: string) => sha.slice(0, 7);
