import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns true if `key` is the text of a private key, and not a path. CI systems store secrets as
 * text.
 */
export const isKeyText = (key: string) => key.includes('PRIVATE KEY-----');

/**
 * Writes the text into a temporary file, and runs `use` with the path of this file. Only this user
 * can read the file.
 */
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

/**
 * Repairs a key text. A secret store may remove the last line end, change line ends, or write each
 * line end as \n.
 */
function mended(text: string): string {
  const lines = text.includes('\n') ? text : text.replaceAll(String.raw`\n`, '\n');
  return `${lines.replaceAll('\r', '').trim()}\n`;
}
