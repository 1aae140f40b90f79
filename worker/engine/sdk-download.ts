import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../../activities/lib/process.ts';

/**
 * The beginnings of the file names that the SDK gives to its downloads. They are needed to find a
 * download in the cache.
 */
const prefixes = { 'dev-server': 'temporal', 'time-skipping': 'temporal-test-server' } as const;
export type SdkServer = keyof typeof prefixes;

export const sdkServerPath = (type: SdkServer, directory: string, version: string) =>
  join(directory, `${prefixes[type]}-${version}`);

/**
 * Makes the Temporal SDK download a server into `directory`, and returns its path. Rejects with the
 * reason in one line.
 */
export async function downloadBySdk(type: SdkServer, directory: string, version: string) {
  const path = sdkServerPath(type, directory, version);
  await mkdir(directory, { recursive: true });
  const script = fileURLToPath(new URL('./sdk-download.mjs', import.meta.url));
  const begun = () => existsSync(`${path}.downloading`) || existsSync(path);
  await mustRun(process.execPath, [script, type, directory, version], {
    timeoutMs: 300_000,
    // The download is given up if it has not begun after 20 s. A download that has begun may be
    // slow.
    onTick: (seconds) => seconds < 20 || begun(),
  }).catch((cause: Error) => {
    // The server is started only to trigger the download. If the file is there, a failed start does
    // not matter.
    if (!existsSync(path)) throw new Error(reasonOf(cause.message), { cause });
  });
  return path;
}

/**
 * Returns the last two parts of an error of the SDK, which say what happened. The parts before them
 * only name layers of the SDK.
 */
const reasonOf = (text: string) => text.split(': ').slice(-2).join(': ');
