import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../../activities/lib/process.ts';

/**
 * The file name of each server that the SDK downloads begins with this text. Plimsoll finds the
 * downloaded file in the cache by its name.
 */
const prefixes = { 'dev-server': 'temporal', 'time-skipping': 'temporal-test-server' } as const;
export type SdkServer = keyof typeof prefixes;

export const sdkServerPath = (type: SdkServer, directory: string, version: string) =>
  join(directory, `${prefixes[type]}-${version}`);

/**
 * Downloads a server into `directory` by the Temporal SDK, and returns the path of the server.
 * Rejects with the reason in one line.
 */
export async function downloadBySdk(type: SdkServer, directory: string, version: string) {
  const path = sdkServerPath(type, directory, version);
  await mkdir(directory, { recursive: true });
  const script = fileURLToPath(new URL('./sdk-download.mjs', import.meta.url));
  const begun = () => existsSync(`${path}.downloading`) || existsSync(path);
  await mustRun(process.execPath, [script, type, directory, version], {
    timeoutMs: 300_000,
    // If the download has not begun after 20 s, it is stopped. A download that has begun may be
    // slow.
    onTick: (seconds) => seconds < 20 || begun(),
  }).catch((cause: Error) => {
    // The start only triggers the download. If the file exists, a failed start does not matter.
    if (!existsSync(path)) throw new Error(reasonOf(cause.message), { cause });
  });
  return path;
}

/**
 * Returns the last two parts of an error of the SDK, which contain the reason. The earlier parts
 * only name layers of the SDK.
 */
const reasonOf = (text: string) => text.split(': ').slice(-2).join(': ');
