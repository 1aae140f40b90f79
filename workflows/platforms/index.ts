import type { Adoption } from '../../domain/activities.ts';
import type { Plan, PlanOn, Platform, Target, TargetOf } from '../../domain/plan.ts';
import { declareIntent } from '../intent.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';
import * as cloudflare from './cloudflare.ts';
import * as northflank from './northflank.ts';
import * as vercel from './vercel.ts';
import * as vps from './vps.ts';

export { proveRestored } from './prove.ts';

/** `mayTouch` right before the first undo: it throws where approvals, gates, stop or freeze forbid it by now. */
export type Cleared<P> = { plan: P; mayTouch: () => Promise<void> };

/** A platform's procedure as prose. A new one fails to compile until it is wired here. */
type Procedure<T extends Target> = {
  release(rollout: Rollout, undo: UndoStack, cleared: Cleared<PlanOn<T>>): Promise<void>;
  /** Everywhere, whatever is there, without an undo line: the plan alone is known. */
  restoreAll(rollout: Rollout, plan: PlanOn<T>): Promise<void>;
  /** After a good deploy: what is too old to be a way back. */
  tidy(plan: PlanOn<T>): Promise<void>;
  /** What was found live becomes a way back; what is served is not touched. */
  adopt(adoption: Adoption & { target: T }): Promise<void>;
};
const procedures: { [P in Platform]: Procedure<TargetOf<P>> } = {
  cloudflare,
  northflank,
  vercel,
  vps,
};

/** The one place where a target's platform picks its procedure. */
const procedureOf = ({ platform }: Target) => procedures[platform] as unknown as Procedure<Target>;

export async function release(rollout: Rollout, undo: UndoStack, cleared: Cleared<Plan>) {
  const { plan } = cleared;
  rollout.enter('release');
  rollout.notes.parent(rollout.status);
  await declareIntent(rollout, plan);
  await procedureOf(plan.target).release(rollout, undo, cleared);
}

export const restoreAll = (rollout: Rollout, plan: Plan) =>
  procedureOf(plan.target).restoreAll(rollout, plan);

export const tidy = (plan: Plan) => procedureOf(plan.target).tidy(plan);

export const adoptLive = (adoption: Adoption) => procedureOf(adoption.target).adopt(adoption);
