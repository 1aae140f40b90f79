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
 * What the manifest names and the lock file lacks: npm audits only what is locked, and says nothing of the rest.
 * What cannot be parsed is left to npm.
 */
export function unlocked(manifest: string, lock: string): string[] {
  const wanted = parseAs(Manifest, manifest);
  const held = parseAs(Lock, lock);
  if (!wanted || !held) return [];
  const { dependencies, devDependencies, optionalDependencies } = wanted;
  // Only a lock file of version 1 has no packages; npm reads dependencies in no other.
  const isOld = Object.keys(held.packages).length === 0;
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    (name) =>
      isOld
        ? !Object.hasOwn(held.dependencies, name)
        : !Object.hasOwn(held.packages, `node_modules/${name}`),
  );
}
