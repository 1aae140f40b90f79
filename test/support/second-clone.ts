import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

const own = ['node_modules', '.git', '.plimsoll', 'dist', 'plimsoll.yaml'];

/**
 * Copies the current sources to `clone` and links the installed packages, but not the command
 * `plimsoll`. So `plimsoll` runs the copied sources.
 */
export function cloneInto(root: string, clone: string) {
  cpSync(root, clone, {
    recursive: true,
    filter: (path) => !own.includes(relative(root, path)),
  });
  linkAll(join(root, 'node_modules'), join(clone, 'node_modules'), ['.bin']);
  linkAll(join(root, 'node_modules', '.bin'), join(clone, 'node_modules', '.bin'), ['plimsoll']);
}

function linkAll(from: string, to: string, but: string[]) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from))
    if (!but.includes(name)) symlinkSync(join(from, name), join(to, name));
}
