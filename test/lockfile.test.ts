import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Entry = { version?: string; resolved?: string; optionalDependencies?: Record<string, string> };
const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Entry>;
};

/** Whether Node finds `name` from the package at `path`: in its own node_modules, or further up. */
function isLocked(path: string, name: string): boolean {
  if (`${path}/node_modules/${name}` in lock.packages) return true;
  const up = path.lastIndexOf('node_modules/');
  if (up < 0) return `node_modules/${name}` in lock.packages;
  return isLocked(path.slice(0, Math.max(0, up - 1)), name);
}

// If the optional package of one platform is missing, `npm ci` refuses the lock file everywhere.
test('the lock file has the packages of every platform', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
  );
  expect(missing).toEqual([]);
});

test('the lock file names no registry', () => {
  const resolved = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined);
  expect(resolved).toEqual([]);
});
