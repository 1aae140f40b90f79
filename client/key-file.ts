import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A whole key instead of its path: CI keeps secrets as text. */
export const isKeyText = (key: string) => key.includes('PRIVATE KEY-----');

/** The text lies in a file that only this user can read, for as long as it is used. */
export async function withKeyFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-secret-'));
  try {
    const path = join(directory, 'key');
    await writeFile(path, mended(text), { mode: 0o600, flag: 'wx' });
    return await use(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Secret stores trim the last line, keep the ends of lines of another system, or write them as \n. */
function mended(text: string): string {
  const lines = text.includes('\n') ? text : text.replaceAll(String.raw`\n`, '\n');
  return `${lines.replaceAll('\r', '').trim()}\n`;
}
