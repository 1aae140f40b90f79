import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataDirectory } from '../../../worker/config/data-directory.ts';

export type Kept = { token: string; until: number };

/** Returns the path of the file for a session. Each person has a separate file for each door. */
export const sessionFile = (env: NodeJS.ProcessEnv, origin: string, name: string) =>
  join(
    dataDirectory({ sandbox: false }, env),
    'sessions',
    `${createHash('sha256').update(`${origin}\n${name}`).digest('hex').slice(0, 32)}.json`,
  );

/**
 * Returns the stored session. Returns null if there is no session, or if the session ends within a
 * minute.
 */
export async function readSession(path: string): Promise<Kept | null> {
  try {
    const { token, until } = JSON.parse(await readFile(path, 'utf8')) as Partial<Kept>;
    if (typeof token !== 'string' || typeof until !== 'number') return null;
    return until > Date.now() + 60_000 ? { token, until } : null;
  } catch {
    return null;
  }
}

/** Stores the session in a file that only this user can read, whatever the umask is. */
export async function storeSession(path: string, session: Kept): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const fresh = `${path}.${randomUUID()}`;
  try {
    await writeFile(fresh, JSON.stringify(session), { mode: 0o600, flag: 'wx' });
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw cause;
  }
}
