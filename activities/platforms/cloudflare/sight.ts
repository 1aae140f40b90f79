import type { CloudflareTarget, HostState } from '../../../domain/plan.ts';
import { confirmedProbe } from '../../probe.ts';
import type { Deployment, VersionFact } from './client.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';

export type Sight = {
  /** The version with the greatest share of the traffic; null = nothing serves. */
  id: string | null;
  /** It has all of it. */
  whole: boolean;
  shares: Deployment['shares'];
  /** Its commit, where its tag is one. */
  sha: string | null;
  /** What had all the traffic once, newest first, with the commit of its tag. */
  served: { id: string; sha: string }[];
};

const commit = /^[0-9a-f]{40}$/;
const commitOf = ({ tag }: Pick<VersionFact, 'tag'>) => (tag && commit.test(tag) ? tag : null);

export async function see({ client }: Pick<At, 'client'>): Promise<Sight> {
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
    served,
  };
}

const wholeId = ({ shares }: Deployment) =>
  shares.flatMap(({ versionId, percentage }) => (percentage === 100 ? [versionId] : []));

const confirmMs = 500;

export const isHealthy = async ({ url, health }: CloudflareTarget) =>
  (await confirmedProbe(new URL(health, url).href, { confirmMs })).ok;

/** What production serves, by the tag of its version. A share of the traffic is not settled, so not healthy. */
export async function inspect(at: At): Promise<HostState> {
  const { target } = at;
  const [sight, answers] = await Promise.all([see(at), isHealthy(target)]);
  const { id, sha, whole, served } = sight;
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
