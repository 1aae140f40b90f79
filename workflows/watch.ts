import type { Look, Outcome, Plan, SealedPlan } from '../domain/plan.ts';
import { refOf } from '../domain/plan.ts';
import { judgeWatch } from '../domain/policy/watch.ts';
import { GoBack } from './closed.ts';
import { collectDecisions } from './decisions.ts';
import { watching } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/**
 * Segments of looks until the window's end. The activity only looks; the verdict is recomputed here from
 * its looks, and this line alone decides.
 */
export async function watch(rollout: Rollout, plan: Plan): Promise<Outcome> {
  rollout.enter('watch');
  rollout.notes.parent(rollout.status);
  const startedAt = Date.now();
  const end = startedAt + plan.timing.windowMs;
  const looks: Look[] = [];
  for (;;) {
    const endsAt = Math.min(Date.now() + plan.timing.segmentMs, end);
    looks.push(...(await segment(rollout, plan, { startedAt, endsAt, earlier: looks })));
    const verdict = judgeWatch({ ...plan, looks, final: Date.now() >= end });
    rollout.show({ watch: verdict, looks: looks.slice(-60) });
    if (verdict.verdict === 'pass') return 'succeeded';
    if (verdict.verdict === 'ask') return await ask(rollout, plan);
    if (verdict.verdict === 'fail') {
      throw new GoBack({ kind: 'watch', blames: 'release', detail: verdict.reasons.join('; ') });
    }
  }
}

function segment(
  rollout: Rollout,
  plan: Plan,
  when: { startedAt: number; endsAt: number; earlier: Look[] },
): Promise<Look[]> {
  const { target, smoke, timing, baseline } = plan;
  const input = {
    deploy: refOf(plan),
    target,
    smoke,
    timing,
    baseline,
    watch: plan.watch,
    ...when,
  };
  return rollout.attempt('watch', () => watching.takeLooks(input), timing.stuckGiveUpMs);
}

/** Nobody can prove it healthy or bad: a person is asked, and after 2 h the plan's own answer is taken. */
async function ask(rollout: Rollout, plan: Plan): Promise<Outcome> {
  rollout.enter('ask');
  rollout.notes.question(rollout.status);
  const { state } = await collectDecisions(rollout, rollout.status.sealed as SealedPlan, {
    subject: 'keep',
    deadline: Date.now() + plan.timing.expireMs,
    remind: () => rollout.notes.question(rollout.status),
  });
  if (state.kind === 'approved') return 'unproven';
  if (state.kind === 'waiting' && plan.watch.onAsk === 'keep') return 'unproven';
  const why = state.kind === 'rejected' ? state.why : 'nobody answered in time';
  const detail = `the watch could not prove it healthy: ${why}`;
  throw new GoBack({ kind: 'ask', blames: 'platform', detail });
}
