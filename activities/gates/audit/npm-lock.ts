import { z } from 'zod';
import { parseAs } from './parse.ts';

const named = z.record(z.string(), z.unknown()).default({});
const Manifest = z.object({
  dependencies: named,
  devDependencies: named,
  optionalDependencies: named,
});
const Lock = z.object({ packages: named, dependencies: named });

/**
 * Returns the dependencies that are in the manifest but not in the lock file. npm audits only the
 * packages of the lock file, and does not report the missing packages. If a file cannot be parsed,
 * returns an empty list, because npm reports such a file.
 */
export function unlocked(manifest: string, lock: string): string[] {
  const wanted = parseAs(Manifest, manifest);
  const held = parseAs(Lock, lock);
  if (!wanted || !held) return [];
  const { dependencies, devDependencies, optionalDependencies } = wanted;
  // Only a lock file of version 1 has no `packages`. In newer versions npm ignores `dependencies`.
  const isOld = Object.keys(held.packages).length === 0;
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    (name) =>
      isOld
        ? !Object.hasOwn(held.dependencies, name)
        : !Object.hasOwn(held.packages, `node_modules/${name}`),
  );
}
