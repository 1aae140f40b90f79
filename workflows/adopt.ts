import type { Adoption } from '../domain/activities.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { adoptLive } from './platforms/index.ts';
import { reading, recording } from './proxies.ts';

/** Record what is live as the first known release, and see to it that the way back is there. */
export async function adopt(signed: SignedRequest): Promise<Adoption> {
  const adoption = await reading.planAdoption({ signed });
  const { key, deploy, release, hosts, requestedBy, reason } = adoption;
  await adoptLive(adoption);
  const { deployId, project, environment, sha } = deploy;
  const body = { release, sha, hosts, requestedBy, reason };
  await recording.append({ kind: 'adopted', key, deployId, project, environment, body });
  return adoption;
}
