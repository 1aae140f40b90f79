import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Platform, Release, Target, TargetOf } from '../../domain/plan.ts';
import type { EnvironmentOf, Project } from '../../domain/schema.ts';
import type { Place } from './place.ts';
import { freezeCloudflare } from './targets/cloudflare.ts';
import { freezeNorthflank } from './targets/northflank.ts';
import { freezeVercel } from './targets/vercel.ts';
import { freezeVps } from './targets/vps.ts';

type Freeze<P extends Platform> = (place: {
  project: Project;
  environment: EnvironmentOf<P>;
}) => TargetOf<P>;

const freezers: { [P in Platform]: Freeze<P> } = {
  cloudflare: freezeCloudflare,
  northflank: freezeNorthflank,
  vercel: freezeVercel,
  vps: freezeVps,
};

/** The configuration as this deploy will use it, whatever the file says later. */
export const freezeTarget = (place: Place): Target =>
  (freezers[place.environment.platform] as (place: Place) => Target)(place);

/** `<sha 12>-<settings fingerprint 8>`: the same commit with other settings is another release. */
export function releaseOf(sha: string, target: Target): Release {
  const fingerprint = createHash('sha256').update(canonicalJson(target)).digest('hex');
  return { id: `${sha.slice(0, 12)}-${fingerprint.slice(0, 8)}`, sha };
}
