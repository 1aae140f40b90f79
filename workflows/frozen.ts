import { CancellationScope } from '@temporalio/workflow';
import type { Cause, SealedPlan } from '../domain/plan.ts';
import { keepRule } from '../domain/policy/flag.ts';
import { startAftermath } from './aftermath.ts';
import { collectDecisions } from './decisions.ts';
import type { Rollout } from './rollout.ts';
import { settle, settleClosed } from './settle.ts';

export type Answer = 'back' | 'unproven' | 'frozen';

/**
 * The release before may not stand the schema that this one brought: production stays as it is, and people are
 * called until an approver signs that it goes back, or that it stays. `abort` ends the question.
 */
export const freeze = (rollout: Rollout, cause: Cause): Promise<Answer> =>
  CancellationScope.nonCancellable(async () => {
    const sealed = rollout.status.sealed as SealedPlan;
    const { plan } = sealed;
    rollout.enter('frozen', { cause, stuck: null });
    rollout.notes.parent(rollout.status);
    const call = () => rollout.notes.frozen(rollout.status);
    call();
    const { aborts } = rollout;
    const expires = Date.now() + plan.timing.restoreGiveUpMs;
    const { state } = await collectDecisions(rollout, sealed, {
      subject: 'keep',
      deadline: () => (rollout.aborts > aborts ? 0 : expires),
      rule: () => keepRule(plan),
      remind: call,
    });
    if (state.kind === 'rejected') return 'back';
    return state.kind === 'approved' ? 'unproven' : 'frozen';
  });

/** It is served as it is: a person said so, or nobody came. */
export async function staysAsItIs(rollout: Rollout, outcome: 'unproven' | 'frozen', cause: Cause) {
  if (outcome === 'unproven') return await settle(rollout, outcome);
  await CancellationScope.nonCancellable(async () => {
    const { plan } = rollout.status.sealed as SealedPlan;
    rollout.close(outcome);
    await startAftermath(rollout.status, { plan, cause, outcome });
    await settleClosed(rollout);
  });
}
