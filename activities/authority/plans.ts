import type { Activities } from '../../domain/contract/activities.ts';
import type { GateReport, Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import { sealDigest } from '../lib/seal-digest.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { nextEpoch } from './epoch.ts';
import { allThere, openedByWorker } from './gates.ts';
import type { Guard } from './guard-types.ts';
import { madeHere, planBody } from './made-here.ts';
import { hashOf, refused, sealWarrant, unsealed, vouchedBy, warrantFor } from './warrant.ts';

/**
 * The guard of an activity whose input has the sealed plan of a deploy, either as `plan` or as
 * `sealed.plan`.
 */
export const vouched: Guard = async ({ seals }, { input, work }) => {
  const sealed = input['sealed'] as SealedPlan | undefined;
  if (sealed !== undefined && input['plan'] !== undefined) throw refused('the input has two plans');
  const plan = sealed === undefined ? (input['plan'] as Plan | undefined) : sealed?.plan;
  const warrant = vouchedBy(seals, plan);
  if (sealed && sealed.digest !== warrant.digest)
    throw refused('the digest is not the digest of the sealed plan');
  if (sealed && sealDigest(sealed.plan, sealed.gates) !== warrant.digest)
    throw refused('the reports of its gates were changed after a worker sealed them');
  const back = input['rolledBackTo'];
  if (back !== undefined && back !== null && hashOf(back) !== hashOf(warrant.rollbackTarget))
    throw refused('the rollback target is not the one of the sealed plan');
  return await work(input);
};

export const makesPlan: Guard = async ({ seals }, { input, work }) => {
  const made = unsealed((await work({ ...input, runId: currentRun() })) as Plan);
  return { ...made, seal: seals.seal('plan', planBody(made, input['record'] === true)) };
};

/**
 * The guard of the activity that seals a plan. A worker must have checked every gate for exactly
 * this plan. This guard itself judges the gates that need
 * nothing except the plan.
 */
export const sealsPlan: Guard = async (deps, { input, work }) => {
  const { seals, now: clock = Date.now } = deps;
  const { plan, recorded } = madeHere(seals, input['plan'] as Plan | undefined);
  const now = clock();
  const gates = (input['gates'] ?? []) as GateReport[];
  for (const report of gates.filter(({ open }) => open))
    openedByWorker(seals, { plan, recorded, report, now });
  allThere(plan, gates);
  const sealed = (await work({ plan, gates })) as SealedPlan;
  const runId = currentRun() ?? '';
  const purpose = recorded ? 'deploy' : 'plan';
  const epoch = await nextEpoch(deps.ledger, plan, now);
  const facts = { plan, digest: sealed.digest, runId, now, epoch, purpose } as const;
  const warrant = warrantFor(seals, facts);
  return { ...sealed, plan: { ...plan, warrant } };
};

export const sealsAdoption: Guard = async ({ seals, now = Date.now }, { input, work }) => {
  const adoption = (await work(input)) as Awaited<ReturnType<Activities['planAdoption']>>;
  const warrant = sealWarrant(seals, {
    purpose: 'adopt',
    deploy: adoption.deploy,
    runId: currentRun() ?? '',
    ...{ digest: '', planHash: '', liveId: null, rollbackTarget: null },
    release: adoption.release,
    sealedAt: new Date(now()).toISOString(),
    epoch: 0,
  });
  return { ...adoption, warrant };
};
