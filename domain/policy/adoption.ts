import type { HostState } from '../plan.ts';

export type Adoptable = { sha: string } | { impossible: string };

/** The commit that is live on every host. `named`: what a person says; it must not contradict. */
export function adoptable(live: readonly HostState[], named: string | null): Adoptable {
  const empty = live.filter(({ sha, foreign }) => sha === null && !foreign);
  if (live.length === 0 || empty.length > 0)
    return { impossible: `nothing is live on ${hostsOf(empty) || 'any host'}` };
  const sick = live.filter(({ healthy }) => !healthy);
  if (sick.length > 0)
    return {
      impossible: `${hostsOf(sick)} is not healthy, and a way back must lead to what works`,
    };
  const seen = live.map(({ host, sha, foreign }) => ({ host, sha: sha ?? foreign?.sha ?? named }));
  const [first] = seen;
  const unknown = seen.filter(({ sha }) => sha === null);
  if (!first?.sha || unknown.length > 0)
    return { impossible: `which commit runs on ${hostsOf(unknown)} cannot be seen` };
  if (seen.some(({ sha }) => sha !== first.sha))
    return { impossible: `the hosts differ (${seen.map(told).join(', ')})` };
  if (named !== null && named !== first.sha)
    return { impossible: `${short(first.sha)} is live, not ${short(named)}` };
  return { sha: first.sha };
}

const hostsOf = (some: readonly { host: string }[]) => some.map(({ host }) => host).join(', ');
const told = ({ host, sha }: { host: string; sha: string | null }) => `${host}: ${short(sha)}`;
const short = (sha: string | null) => sha?.slice(0, 7) ?? 'unknown';

export type Adopted = { sha: string; hosts: { host: string; path: string | null }[] };

/** A foreign place that was adopted has its commit, as long as it is still what is live there. */
export function recognize(live: readonly HostState[], adopted: Adopted | null): HostState[] {
  return live.map((state) => {
    const { host, sha, foreign } = state;
    if (sha !== null || !foreign || !adopted) return state;
    const same = adopted.hosts.some((it) => it.host === host && it.path === foreign.path);
    return same && (foreign.sha === null || foreign.sha === adopted.sha)
      ? { ...state, sha: adopted.sha }
      : state;
  });
}
