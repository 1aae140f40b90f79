import type { Plan } from '../../domain/plan.ts';
import { declareIntent } from '../intent.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';
import * as vps from './vps.ts';

/** A platform's procedure as prose. A new one fails to compile until it is wired here. */
type Procedure = {
  release(rollout: Rollout, undo: UndoStack, plan: Plan): Promise<void>;
  proveRestored(rollout: Rollout, plan: Plan): Promise<void>;
  /** Every host, whatever is there, without an undo line: the plan alone is known. */
  restoreAll(rollout: Rollout, plan: Plan): Promise<void>;
  /** After a good deploy: what is too old to be a way back. */
  tidy(plan: Plan): Promise<void>;
};
const procedures: Record<Plan['target']['platform'], Procedure> = { vps };

export async function release(rollout: Rollout, undo: UndoStack, plan: Plan) {
  rollout.enter('release');
  rollout.notes.parent(rollout.status);
  await declareIntent(rollout, plan);
  await procedures[plan.target.platform].release(rollout, undo, plan);
}

export const proveRestored = (rollout: Rollout, plan: Plan) =>
  procedures[plan.target.platform].proveRestored(rollout, plan);

export const restoreAll = (rollout: Rollout, plan: Plan) =>
  procedures[plan.target.platform].restoreAll(rollout, plan);

export const tidy = (plan: Plan) => procedures[plan.target.platform].tidy(plan);
