import { CancellationScope } from '@temporalio/workflow';
import type { Cause, SealedPlan } from '../domain/deploy/plan.ts';
import type { SignedDecision } from '../domain/config/config.ts';
import { keepRule } from '../domain/incident/flag.ts';
import { startAftermath } from './aftermath.ts';
import { collectDecisions } from './decisions.ts';
import type { Rollout } from './rollout.ts';
import { settle, settleClosed } from './settle.ts';

export type Answer = 'rollback' | 'unproven' | 'rollback-not-approved';

/**
 * Asks an approver to sign the rollback, because the previous release may not work with the
 * migrated database. Production stays as it is. People are paged until an approver signs `reject`
 * (roll back) or `keep`. `abort` ends the question.
 */
export const awaitRollbackApproval = async (rollout: Rollout, cause: Cause): Promise<Answer> =>
  (await askForRollback(rollout, cause)).answer;

/** Does the same as `awaitRollbackApproval`, and also returns the decisions that count. */
export const askForRollback = (
  rollout: Rollout,
  cause: Cause,
): Promise<{ answer: Answer; counted: SignedDecision[] }> =>
  CancellationScope.nonCancellable(async () => {
    const sealed = rollout.status.sealed as SealedPlan;
    const { plan } = sealed;
    rollout.enter('awaiting-rollback-approval', { cause, stuck: null });
    rollout.notes.parent(rollout.status);
    const call = () => rollout.notes.rollbackApproval(rollout.status);
    call();
    const { aborts } = rollout;
    const expires = Date.now() + plan.timing.rollbackGiveUpMs;
    const { state, counted } = await collectDecisions(rollout, sealed, {
      subject: 'keep',
      deadline: () => (rollout.aborts > aborts || rollout.signals.halfFull ? 0 : expires),
      rule: () => keepRule(plan),
      remind: call,
    });
    if (state.kind === 'rejected') return { answer: 'rollback', counted };
    const answer = state.kind === 'approved' ? 'unproven' : 'rollback-not-approved';
    return { answer, counted };
  });

/**
 * Closes a deploy whose release stays live, because an approver signed `keep`, or because nobody
 * signed the rollback.
 */
export async function staysAsItIs(
  rollout: Rollout,
  outcome: 'unproven' | 'rollback-not-approved',
  cause: Cause,
) {
  if (outcome === 'unproven') return await settle(rollout, outcome);
  await CancellationScope.nonCancellable(async () => {
    const { plan } = rollout.status.sealed as SealedPlan;
    rollout.close(outcome);
    await startAftermath(rollout.status, { plan, cause, outcome });
    await settleClosed(rollout);
  });
}
