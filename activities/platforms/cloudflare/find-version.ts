import type { Key, Share } from './api/access.ts';
import type { CloudflareClient, Deployment, VersionFact } from './api/client.ts';

/**
 * Returns the newest version with the key of this deploy, or null. Several versions can have this
 * key, because wrangler repeats a failed upload.
 */
export async function findVersion(client: CloudflareClient, key: Key): Promise<VersionFact | null> {
  const versions = (await client.versions()) ?? [];
  return versions.find(carries(key)) ?? null;
}

const carries =
  (key: Key) =>
  ({ tag, message }: VersionFact) =>
    tag === key.tag && message === key.message;

/**
 * Returns the newest version if it has the key of this deploy, else null. A newer version may come
 * from a person. Plimsoll must not replace such a version without telling people.
 */
export async function newestIfOurs(client: CloudflareClient, key: Key) {
  const [newest] = (await client.versions()) ?? [];
  return newest && carries(key)(newest) ? newest : null;
}

/** Returns the live deployment, or null if the worker does not exist or was never deployed. */
export const liveNow = async (client: CloudflareClient): Promise<Deployment | null> =>
  (await client.deployments())?.[0] ?? null;

/** Returns the shares as sorted texts, without versions that get no traffic (0 %). */
const served = (shares: readonly Share[]) =>
  shares
    .filter(({ percentage }) => percentage > 0)
    .map(({ versionId, percentage }) => `${versionId}@${percentage}`)
    .toSorted();

export const sameShares = (one: readonly Share[], other: readonly Share[]): boolean =>
  served(one).join() === served(other).join();
