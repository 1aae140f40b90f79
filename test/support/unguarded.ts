import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is taken out of one of our files: `from` stands there exactly once. */
export type Edit = [file: string, from: string, to: string];

/** Our sources without a guard, in a copy; `load` imports from there. */
export function unguarded(edits: readonly Edit[]) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-unguarded-'));
  for (const part of ['activities', 'domain', 'worker', 'package.json'])
    cpSync(join(root, part), join(directory, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const [file, from, to] of edits) {
    const path = join(directory, file);
    const pieces = readFileSync(path, 'utf8').split(from);
    if (pieces.length !== 2)
      throw new Error(`${file} has this ${pieces.length - 1} times: ${from}`);
    writeFileSync(path, pieces.join(to));
  }
  return {
    load: async <T>(file: string) => (await import(join(directory, file))) as T,
    end: () => rmSync(directory, { recursive: true, force: true }),
  };
}
