import { z } from 'zod';
import { parseAs } from './parse.ts';

const named = z.record(z.string(), z.unknown()).default({});
const Manifest = z.object({ dependencies: named, devDependencies: named });
const Lock = z.object({ packages: named, dependencies: named });

/**
 * What the manifest names and the lock file lacks: npm audits only what is locked, and says nothing of the rest.
 * What cannot be parsed is left to npm.
 */
export function unlocked(manifest: string, lock: string): string[] {
  const wanted = parseAs(Manifest, manifest);
  const held = parseAs(Lock, lock);
  if (!wanted || !held) return [];
  const paths = Object.keys(held.packages);
  return Object.keys({ ...wanted.dependencies, ...wanted.devDependencies }).filter(
    (name) =>
      !Object.hasOwn(held.dependencies, name) &&
      !paths.some((path) => `/${path}`.endsWith(`/node_modules/${name}`)),
  );
}
