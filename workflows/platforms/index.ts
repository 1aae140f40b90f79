import type { Adoption } from '../../domain/contract/activities.ts';
import type { Plan, PlanOn, Platform, Target, TargetOf } from '../../domain/deploy/plan.ts';
import { declareIntent } from '../intent.ts';
import type { Rollout } from '../rollout.ts';
import type { Compensations } from '../compensations.ts';
import * as cloudflare from './cloudflare.ts';
import * as northflank from './northflank.ts';
import * as vercel from './vercel.ts';
import * as vps from './vps.ts';

import { live } from './prove.ts';

export { live, proveRollback } from './prove.ts';

/**
 * A plan that may be released. Call `recheckBeforeFirstEffect` right before you register the first
 * compensation. This function throws if an approval, a gate, a stop or a freeze window no longer
 * allows the release.
 */
export type Cleared<P> = { plan: P; recheckBeforeFirstEffect: () => Promise<void> };

/**
 * One step of a rollback. `act` sets an absolute state. `name` is the name of the step for people.
 */
export type Back = { name: string; act: () => Promise<unknown> };

/**
 * The procedure of a platform. If the table below lacks a platform, TypeScript reports an error.
 */
type Procedure<T extends Target> = {
  release(
    rollout: Rollout,
    compensations: Compensations,
    cleared: Cleared<PlanOn<T>>,
  ): Promise<void>;
  /**
   * The rollback steps of all hosts or services, in order. Each step reads the present state
   * itself.
   */
  back(plan: PlanOn<T>): Back[];
  /**
   * Runs after a good deploy. Removes releases that are too old to be a rollback target. Returns a
   * sentence for each fact that was not checked. Absent if the platform itself removes old
   * releases.
   */
  tidy?(plan: PlanOn<T>): Promise<string[]>;
  /**
   * Makes the live release a rollback target, and changes nothing in production. Absent if every
   * live release is a rollback target already.
   */
  adopt?(adoption: Adoption & { target: T }): Promise<void>;
};
const procedures: { [P in Platform]: Procedure<TargetOf<P>> } = {
  cloudflare,
  northflank,
  vercel,
  vps,
};

/** Returns the procedure for a target. No other function of the workflows chooses by platform. */
const procedureOf = ({ platform }: Target) => procedures[platform] as unknown as Procedure<Target>;

export async function release(
  rollout: Rollout,
  compensations: Compensations,
  cleared: Cleared<Plan>,
) {
  const { plan } = cleared;
  rollout.enter('release');
  rollout.notes.parent(rollout.status);
  await declareIntent(rollout, plan);
  await procedureOf(plan.target).release(rollout, compensations, cleared);
}

/**
 * Rolls back every host or service to the rollback target, even if another release is live there.
 * Needs only the plan, and no compensations.
 */
export async function rollBackAll(rollout: Rollout, plan: Plan): Promise<void> {
  for (const { name, act } of procedureOf(plan.target).back(plan))
    await rollout.runRollbackStep(name, () => live(rollout, act), plan.timing.rollbackGiveUpMs);
}

/** Adds the rollback steps of all hosts or services to the compensations. */
export function rollbackOf(plan: Plan, compensations: Compensations): Compensations {
  compensations.pushAll(procedureOf(plan.target).back(plan).toReversed());
  return compensations;
}

export const tidy = async (plan: Plan) => (await procedureOf(plan.target).tidy?.(plan)) ?? [];

export const adoptLive = async (adoption: Adoption) =>
  await procedureOf(adoption.target).adopt?.(adoption);
