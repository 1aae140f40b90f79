import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGuarded } from './run-guarded.ts';

/** The file names are the SDK's own: what it downloaded is found in the cache without it. */
const prefixes = { 'dev-server': 'temporal', 'time-skipping': 'temporal-test-server' } as const;
export type SdkServer = keyof typeof prefixes;

export const sdkServerPath = (type: SdkServer, directory: string, version: string) =>
  join(directory, `${prefixes[type]}-${version}`);

/** Lets the Temporal SDK download a server into `directory`; rejects with its reason in one line. */
export async function downloadBySdk(type: SdkServer, directory: string, version: string) {
  const path = sdkServerPath(type, directory, version);
  await mkdir(directory, { recursive: true });
  const script = fileURLToPath(new URL('./sdk-download.mjs', import.meta.url));
  const begun = () => existsSync(`${path}.downloading`) || existsSync(path);
  await runGuarded(process.execPath, [script, type, directory, version], {
    timeoutMs: 300_000,
    // A network that swallows everything is given up long before a slow download is.
    onTick: (seconds) => seconds < 20 || begun(),
  }).catch((cause: Error) => {
    // Starting is only how the SDK downloads: a server that came and was slow to start is there.
    if (!existsSync(path)) throw new Error(reasonOf(cause.message), { cause });
  });
  return path;
}

/** The SDK's errors chain every layer: the last two say what happened. */
const reasonOf = (text: string) => text.split(': ').slice(-2).join(': ');
