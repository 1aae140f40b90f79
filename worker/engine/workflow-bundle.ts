import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from './cache.ts';
import { withLock } from './lock.mjs';
import { mustRun } from '../../activities/lib/process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const maker = fileURLToPath(new URL('make-bundle.ts', import.meta.url));
const boundMs = 5 * 60_000;
const keepMs = 7 * 24 * 3600_000;

/**
 * Returns the path of the bundle of the current workflow sources. If there is no bundle yet, a
 * separate process makes it, so that the worker does not keep the memory of the bundler. Rejects
 * with the last lines that the bundler printed.
 */
export async function workflowBundle(
  interceptors: readonly string[] = [join(root, 'workflows/summaries.ts')],
): Promise<string> {
  const directory = join(cacheDirectory(), 'bundles');
  const file = join(directory, `${await digestOf(interceptors)}.js`);
  if (existsSync(file)) return file;
  await mkdir(directory, { recursive: true });
  await withLock(`${file}.lock`, async () => {
    if (existsSync(file)) return;
    const args = [maker, file, join(root, 'workflows/index.ts'), ...interceptors];
    await mustRun(process.execPath, args, { timeoutMs: boundMs });
    await forgetOld(directory);
  });
  return file;
}

/**
 * Returns a digest of everything that the bundle contains. This is the code of the workflows, the
 * domain, the interceptors and the dependencies. package-lock.json stands for the dependencies.
 */
async function digestOf(interceptors: readonly string[]): Promise<string> {
  const names = await Promise.all(['workflows', 'domain'].map(sourcesIn));
  const hash = createHash('sha256').update(root);
  for (const path of ['package-lock.json', ...names.flat()].map((name) => join(root, name)))
    hash.update(path).update(await readFile(path));
  for (const path of interceptors) hash.update(path).update(await readFile(path));
  return hash.digest('hex').slice(0, 32);
}

const sourcesIn = async (folder: string) =>
  (await readdir(join(root, folder), { recursive: true }))
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => join(folder, name));

async function forgetOld(directory: string) {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    // Another process may have removed this file already.
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > keepMs) await rm(path, { force: true });
  }
}
