import type { Key, Share } from './access.ts';
import type { CloudflareClient, Deployment, VersionFact } from './client.ts';

/** The version that carries our key; the newest where wrangler's own retry made several. null = none. */
export async function findVersion(client: CloudflareClient, key: Key): Promise<VersionFact | null> {
  const versions = (await client.versions()) ?? [];
  return versions.find(carries(key)) ?? null;
}

const carries =
  (key: Key) =>
  ({ tag, message }: VersionFact) =>
    tag === key.tag && message === key.message;

/** The same, unless somebody made another version since: that one must not be undone unseen. */
export async function newestIfOurs(client: CloudflareClient, key: Key) {
  const [newest] = (await client.versions()) ?? [];
  return newest && carries(key)(newest) ? newest : null;
}

/** What serves now; null = no such worker, or nothing ever served. */
export const liveNow = async (client: CloudflareClient): Promise<Deployment | null> =>
  (await client.deployments())?.[0] ?? null;

/** Zero percent is not served. */
const served = (shares: readonly Share[]) =>
  shares
    .filter(({ percentage }) => percentage > 0)
    .map(({ versionId, percentage }) => `${versionId}@${percentage}`)
    .toSorted();

export const sameShares = (one: readonly Share[], other: readonly Share[]): boolean =>
  served(one).join() === served(other).join();
