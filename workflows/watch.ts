import type { Look, Outcome, Plan, WatchVerdict } from '../domain/plan.ts';
import { refOf } from '../domain/plan.ts';
import { judgeWatch } from '../domain/policy/watch.ts';
import { windowIsOver } from '../domain/policy/watch-end.ts';
import { windowOf } from '../domain/policy/watch-window.ts';
import { ask } from './ask.ts';
import { GoBack } from './closed.ts';
import { watching } from './proxies.ts';
import type { Rollout } from './rollout.ts';
import { twin } from './twin.ts';

/**
 * Segments of looks until the window's end; looks that come late extend it. The activity only looks; the
 * verdict is recomputed here from its looks, and this line alone decides.
 */
export async function watch(rollout: Rollout, plan: Plan): Promise<Outcome> {
  rollout.enter('watch');
  rollout.notes.parent(rollout.status);
  const startedAt = Date.now();
  const { windowMs, segmentMs } = plan.timing;
  const { plannedLooks } = plan.watch;
  const looks: Look[] = [];
  for (;;) {
    const left = startedAt + windowMs - Date.now();
    const endsAt = Date.now() + (left > 0 ? Math.min(segmentMs, left) : segmentMs);
    looks.push(...(await segment(rollout, plan, { startedAt, endsAt, earlier: looks })));
    const clock = { startedAt, now: Date.now(), windowMs, plannedLooks, looks };
    const verdict = judgeWatch({ ...plan, looks, final: windowIsOver(clock) });
    rollout.show({ watch: verdict, looks: looks.slice(-60) });
    rollout.window = windowOf(plan.watch, looks);
    if (verdict.verdict === 'pass') return 'succeeded';
    if (verdict.verdict === 'ask') return await ask(rollout, plan);
    if (verdict.verdict === 'fail') return await failed(rollout, plan, verdict);
  }
}

/** It goes back at once, unless the release before would fail alike: then a person is asked. */
async function failed(rollout: Rollout, plan: Plan, verdict: WatchVerdict): Promise<Outcome> {
  const elsewhere = await twin(plan);
  if (elsewhere === null)
    throw new GoBack({ kind: 'watch', blames: 'release', detail: verdict.reasons.join('; ') });
  const reasons = [elsewhere, ...verdict.reasons];
  rollout.show({ watch: { ...verdict, verdict: 'ask', reasons } });
  return await ask(rollout, plan);
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
