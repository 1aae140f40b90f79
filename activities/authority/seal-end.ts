import type { Activities } from '../../domain/contract/activities.ts';
import type { Warrant } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import { validWarrant } from './warrant.ts';

/** Returns the content of the seal over the end of a deploy. */
export const endBody = ({ deploy, runId }: Warrant, outcome: unknown) => ({
  of: 'end',
  deployId: deploy.deployId,
  runId,
  outcome,
});

/**
 * Makes the activity that seals the end of a deploy. The guard of the activity decides which
 * workflow may call it.
 */
export const createSealEnd = ({ seals }: { seals: Seals }): Pick<Activities, 'sealEnd'> => ({
  async sealEnd({ warrant, outcome }) {
    return { seal: seals.seal('evidence', endBody(validWarrant(seals, warrant), outcome)) };
  },
});
