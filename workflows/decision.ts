import type { Outcome, Plan, SealedPlan } from '../domain/deploy/plan.ts';
import { nobodyAnswered, unprovenWords } from '../domain/messages/question.ts';
import { decisionRule, flagCause, questionEnds } from '../domain/incident/flag.ts';
import { RollbackNeeded } from './closed.ts';
import { collectDecisions } from './decisions.ts';
import type { Rollout } from './rollout.ts';

/**
 * Asks a person whether the release stays, because the release was flagged or the watch was
 * inconclusive. Without an answer within 2 h, `onInconclusive` of the plan decides. A flagged
 * release is rolled back after 15 min without an answer.
 */
export async function awaitDecision(rollout: Rollout, plan: Plan): Promise<Outcome> {
  rollout.enter('decision', { stuck: null });
  const { status } = rollout;
  const remind = () => rollout.notes.question(status);
  remind();
  rollout.onFlag = remind;
  const { state } = await collectDecisions(rollout, status.sealed as SealedPlan, {
    subject: 'keep',
    deadline: () => questionEnds(plan, status),
    rule: () => decisionRule(plan, status.flags),
    remind,
  });
  const [flag] = status.flags ?? [];
  if (state.kind === 'approved') return 'unproven';
  const why = state.kind === 'rejected' ? state.why : nobodyAnswered;
  const signed = state.kind === 'rejected';
  if (flag) throw new RollbackNeeded(flagCause(flag, why), { signed });
  if (state.kind === 'waiting' && plan.watch.onInconclusive === 'keep') return 'unproven';
  const detail = unprovenWords(why);
  throw new RollbackNeeded({ kind: 'inconclusive', blames: 'platform', detail }, { signed });
}
