import type { HostState } from '../../../domain/deploy/plan.ts';
import { isHealthy } from '../../lib/health.ts';
import type { Deployment, VersionFact } from './api/client.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';

export type Snapshot = {
  /** The version with the largest share of the traffic. null means that no version is live. */
  id: string | null;
  /** True if the version `id` has all traffic. */
  whole: boolean;
  shares: Deployment['shares'];
  /** The commit in the tag of the version `id`. null means that the tag is not a commit. */
  sha: string | null;
  /**
   * The commit of the code that the version `id` runs. A change of a secret makes a new version
   * with the code of an earlier version. Then `codeSha` is the commit of the earlier version. null
   * means that the commit is unknown.
   */
  codeSha: string | null;
  /**
   * The ISO time of the first change of a secret after the version `id` was made. null means that
   * no change is known.
   */
  secretsChangedAt: string | null;
  /**
   * True if the newest version has all traffic. If false, Cloudflare refuses changes of secrets.
   */
  newest: boolean;
  /**
   * The version that has all traffic now, and the versions that had it earlier. The newest is
   * first. `sha` is the commit in the tag.
   */
  served: { id: string; sha: string }[];
};

const commit = /^[0-9a-f]{40}$/;
const commitOf = ({ tag }: Pick<VersionFact, 'tag'>) => (tag && commit.test(tag) ? tag : null);

export async function see({ client }: Pick<At, 'client'>): Promise<Snapshot> {
  const [deployments, versions] = await Promise.all([client.deployments(), client.versions()]);
  const shares = (deployments?.[0]?.shares ?? []).toSorted((a, b) => b.percentage - a.percentage);
  const [most] = shares;
  const id = most?.versionId ?? null;
  const known = new Map((versions ?? []).map((version) => [version.id, version]));
  const live = id === null ? null : (known.get(id) ?? (await client.version(id)));
  const whole = new Set((deployments ?? []).flatMap(wholeId));
  const served = (versions ?? []).flatMap((version) => {
    const sha = commitOf(version);
    return sha !== null && whole.has(version.id) ? [{ id: version.id, sha }] : [];
  });
  return {
    id,
    whole: most?.percentage === 100,
    shares: shares.filter(({ percentage }) => percentage > 0),
    sha: live ? commitOf(live) : null,
    codeSha: codeShaOf(live, versions ?? []),
    secretsChangedAt: live ? secretsChangedSince(live, versions ?? []) : null,
    newest: most?.percentage === 100 && versions?.[0]?.id === id,
    served,
  };
}

/** Returns the commit of the code that `live` runs, or null. `versions` must be newest first. */
function codeShaOf(live: VersionFact | null, versions: readonly VersionFact[]): string | null {
  if (live === null) return null;
  const before = versions.filter(({ number }) => number <= live.number);
  const made = before.find(({ ofSecret }) => !ofSecret) ?? live;
  return commitOf(live) ?? commitOf(made);
}

/** Returns the time of the first change of a secret after the version was made, or null. */
export const secretsChangedSince = (
  { number }: Pick<VersionFact, 'number'>,
  versions: readonly VersionFact[],
): string | null => {
  const later = versions.filter((one) => one.ofSecret && one.number > number);
  return later.at(-1)?.createdOn ?? (later.length > 0 ? 'an unknown time' : null);
};

const wholeId = ({ shares }: Deployment) =>
  shares.flatMap(({ versionId, percentage }) => (percentage === 100 ? [versionId] : []));

/**
 * Returns the state of production. The commit is the tag of the live version. While two versions
 * share the traffic, production does not count as healthy.
 */
export async function inspect(at: At): Promise<HostState> {
  const { target } = at;
  const [snapshot, answers] = await Promise.all([see(at), isHealthy(target)]);
  const { id, sha, whole, served } = snapshot;
  const host = nameOf(target);
  const ids = Object.fromEntries(served.toReversed().map((one) => [one.sha, one.id]));
  const seen = { host, sha, runningSha: sha, invocationId: null, ready: Object.keys(ids) };
  if (id === null) return { ...seen, active: false, healthy: false };
  return {
    ...seen,
    active: true,
    healthy: whole && answers,
    id,
    ids,
    ...(sha === null ? { foreign: { path: id, sha: null } } : {}),
  };
}
