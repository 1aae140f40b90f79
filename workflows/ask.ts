import type { Outcome, Plan, SealedPlan } from '../domain/plan.ts';
import { askRule, flagCause, questionEnds } from '../domain/policy/flag.ts';
import { GoBack } from './closed.ts';
import { collectDecisions } from './decisions.ts';
import type { Rollout } from './rollout.ts';

/**
 * Nobody can prove it healthy or bad: a person is asked. Unanswered, the plan's own answer is taken after 2 h,
 * and what somebody flagged goes back after 15 min.
 */
export async function ask(rollout: Rollout, plan: Plan): Promise<Outcome> {
  rollout.enter('ask', { stuck: null });
  const { status } = rollout;
  const remind = () => rollout.notes.question(status);
  remind();
  rollout.onFlag = remind;
  const { state } = await collectDecisions(rollout, status.sealed as SealedPlan, {
    subject: 'keep',
    deadline: () => questionEnds(plan, status),
    rule: () => askRule(plan, status.flags),
    remind,
  });
  const [flag] = status.flags ?? [];
  if (state.kind === 'approved') return 'unproven';
  const why = state.kind === 'rejected' ? state.why : 'nobody answered in time';
  const signed = state.kind === 'rejected';
  if (flag) throw new GoBack(flagCause(flag, why), { signed });
  if (state.kind === 'waiting' && plan.watch.onAsk === 'keep') return 'unproven';
  const detail = `the watch could not prove it healthy: ${why}`;
  throw new GoBack({ kind: 'ask', blames: 'platform', detail }, { signed });
}
