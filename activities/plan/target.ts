import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { Release, Target } from '../../domain/deploy/plan.ts';
import { resolveTarget } from '../platforms/index.ts';
import type { Place } from './place.ts';

/**
 * Returns the settings of the platform for this deploy. The settings stay the same for the whole
 * deploy, even if plimsoll.yaml changes.
 */
export const planTarget = (place: Place): Target => resolveTarget(place);

/**
 * Returns the release of a commit with these settings. The id of the release is the first 12 digits
 * of the SHA, a hyphen and 8 digits of the hash of the settings. So the same commit with other
 * settings is another release.
 */
export function releaseOf(sha: string, target: Target): Release {
  const fingerprint = createHash('sha256').update(canonicalJson(target)).digest('hex');
  return { id: `${sha.slice(0, 12)}-${fingerprint.slice(0, 8)}`, sha };
}
