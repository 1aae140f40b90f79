import type { Adoption } from '../../domain/contract/activities.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import { adoptLive } from '../platforms/index.ts';
import { reading, recording } from '../proxies.ts';

/** Records the live release in the ledger, and makes the release usable as a rollback target. */
export async function adopt(signed: SignedRequest): Promise<Adoption> {
  const adoption = await reading.planAdoption({ signed });
  const { key, deploy, warrant, release, hosts, requestedBy, reason } = adoption;
  await adoptLive(adoption);
  const { deployId, project, environment, sha } = deploy;
  const body = { release, sha, hosts, requestedBy, reason };
  const entry = { kind: 'adopted', key, deployId, project, environment, body } as const;
  await recording.append({ ...entry, warrant });
  return adoption;
}
