import type { Key, Share } from './api/access.ts';
import type { CloudflareClient, Deployment, VersionFact } from './api/client.ts';

/**
 * Returns the newest version that has our key; null = no version has our key. Several versions can
 * have our key, because wrangler itself repeats a failed upload.
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
 * Returns the newest version if it has our key, else null. If a person uploaded a newer version,
 * Plimsoll must not replace that version silently.
 */
export async function newestIfOurs(client: CloudflareClient, key: Key) {
  const [newest] = (await client.versions()) ?? [];
  return newest && carries(key)(newest) ? newest : null;
}

/** Returns the live deployment; null = the worker does not exist, or was never deployed. */
export const liveNow = async (client: CloudflareClient): Promise<Deployment | null> =>
  (await client.deployments())?.[0] ?? null;

/** Returns the shares as sorted texts. A version with 0 % gets no traffic, so it is left out. */
const served = (shares: readonly Share[]) =>
  shares
    .filter(({ percentage }) => percentage > 0)
    .map(({ versionId, percentage }) => `${versionId}@${percentage}`)
    .toSorted();

export const sameShares = (one: readonly Share[], other: readonly Share[]): boolean =>
  served(one).join() === served(other).join();
