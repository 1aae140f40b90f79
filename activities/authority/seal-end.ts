import type { SealedEnd } from '../../domain/contract/end.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import { pageForEnd } from '../../domain/messages/page.ts';
import { isAfterRollback } from '../../domain/rollback/lost.ts';
import { effect } from '../lib/effect.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import type { Seals } from '../lib/seals.ts';
import type { Guard } from './guard-types.ts';
import { tellPeople, type LoudDeps } from './loud.ts';
import { inItsRun } from './own-run.ts';
import { isSigned, refused, vouchedBy } from './warrant.ts';

/** Returns the content of the seal over the end of a deploy. */
export const endBody = (
  { deploy, runId }: Warrant,
  { outcome, cause, timeline, proof, paged }: Omit<SealedEnd, 'seal'>,
) => ({
  of: 'end',
  deployId: deploy.deployId,
  runId,
  ...{ outcome, cause, timeline, proof, paged },
});

/**
 * Makes the activity that seals the end of a deploy after its rollback phase. Such a deploy cannot
 * be closed without this seal. So this activity pages people if production needs a person. The
 * guard of the activity decides who may ask for a seal.
 */
export const createSealEnd = (deps: LoudDeps & { seals: Seals }): Pick<Activities, 'sealEnd'> => ({
  sealEnd: effect('sealEnd', async ({ plan, outcome, cause, timeline, proof }) => {
    const warrant = vouchedBy(deps.seals, plan);
    const page = pageForEnd(plan, { outcome, cause });
    const paged = page ? await tellPeople(deps, page) : false;
    const end = knownSecrets.cleanAll({ outcome, cause, timeline, proof, paged });
    return { ...end, seal: deps.seals.seal('evidence', endBody(warrant, end)) };
  }),
});

/** Seals the end of a deploy for its own run, or for a recovery after this run has ended. */
export const sealsEnd: Guard = async (deps, { input, work }) => {
  const plan = input['plan'] as Plan | undefined;
  const warrant = vouchedBy(deps.seals, plan);
  isSigned(warrant);
  const { deploy, runId, purpose } = warrant;
  const outcome = String(input['outcome']);
  if (!isAfterRollback(outcome)) throw refused('this is not the end of a rollback');
  if (purpose === 'again') throw refused('this deploy has ended already');
  if (outcome === 'rollback-not-approved' && plan?.forwardOnly === undefined)
    throw refused('the rollback of this deploy needs no approval');
  await inItsRun(deps, { ...deploy, runId });
  return await work(input);
};
