import type { HostState } from '../deploy/plan.ts';

export type Adoptable = { sha: string } | { impossible: string };

/**
 * Returns the commit that is live on every host, or the reason why no commit can be adopted.
 * `named` is the commit that a person gave, for hosts whose commit cannot be read. If another
 * commit is live, nothing can be adopted.
 */
export function adoptable(live: readonly HostState[], named: string | null): Adoptable {
  const empty = live.filter(({ sha, foreign }) => sha === null && !foreign);
  if (live.length === 0 || empty.length > 0)
    return { impossible: `nothing is live on ${hostsOf(empty) || 'any host'}` };
  const sick = live.filter(({ healthy }) => !healthy);
  if (sick.length > 0)
    return {
      impossible: `the release on ${hostsOf(sick)} is not healthy, and a rollback target must be healthy`,
    };
  const seen = live.map(({ host, sha, foreign }) => ({ host, sha: sha ?? foreign?.sha ?? named }));
  const [first] = seen;
  const unknown = seen.filter(({ sha }) => sha === null);
  if (!first?.sha || unknown.length > 0)
    return { impossible: `the commit on ${hostsOf(unknown)} is not known` };
  if (seen.some(({ sha }) => sha !== first.sha))
    return { impossible: `the hosts serve different commits (${seen.map(hostLine).join(', ')})` };
  if (named !== null && named !== first.sha)
    return { impossible: `${short(first.sha)} is live, not ${short(named)}` };
  return { sha: first.sha };
}

const hostsOf = (some: readonly { host: string }[]) => some.map(({ host }) => host).join(', ');
const hostLine = ({ host, sha }: { host: string; sha: string | null }) => `${host}: ${short(sha)}`;
const short = (sha: string | null) => sha?.slice(0, 7) ?? 'unknown';

export type Adopted = { sha: string; hosts: { host: string; path: string | null }[] };

/**
 * Adds the adopted commit to the state of hosts whose live files Plimsoll did not release. A host
 * is changed only if the adopted files are still live there.
 */
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
