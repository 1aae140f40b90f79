import type { Adoption } from '../domain/activities.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { reading, recording, releasing } from './proxies.ts';

/**
 * Record what is live as the first known release. Its commit is staged beside it, so that the way back is
 * there; what is served is not touched.
 */
export async function adopt(signed: SignedRequest): Promise<Adoption> {
  const adoption = await reading.planAdoption({ signed });
  const { key, deploy, target, release, hosts, requestedBy, reason } = adoption;
  for (const host of target.hosts) await releasing.stageRelease({ deploy, target, host, release });
  const { deployId, project, environment, sha } = deploy;
  const body = { release, sha, hosts, requestedBy, reason };
  await recording.append({ kind: 'adopted', key, deployId, project, environment, body });
  return adoption;
}
