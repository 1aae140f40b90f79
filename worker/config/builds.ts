import type { Config } from '../../domain/config/config.ts';
import { needsBuilder, needsDirectory } from '../../domain/messages/builds.ts';
import type { Problem } from './explain.ts';

/**
 * Checks that `builds` has a directory if, and only if, its isolation is `builder`. A builder and a
 * worker find each other only by the directory that they share.
 */
export function buildsRules({ builds }: Config): Problem[] {
  const isBuilder = builds?.isolation === 'builder';
  if (isBuilder === (builds?.directory !== undefined)) return [];
  return isBuilder
    ? [{ path: ['builds', 'isolation'], what: needsDirectory }]
    : [{ path: ['builds', 'directory'], what: needsBuilder }];
}
