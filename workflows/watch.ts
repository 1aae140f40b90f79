import type { Sample, Outcome, Plan, WatchVerdict } from '../domain/deploy/plan.ts';
import { refOf } from '../domain/deploy/plan.ts';
import { judgeWatch } from '../domain/watch/watch.ts';
import { windowIsOver } from '../domain/watch/watch-end.ts';
import { windowOf } from '../domain/watch/watch-window.ts';
import { awaitDecision } from './decision.ts';
import { RollbackNeeded } from './closed.ts';
import { watching } from './proxies.ts';
import type { Rollout } from './rollout.ts';
import { externalOutage } from './external-outage.ts';

/**
 * Takes samples, one segment after the other, until the window ends. Missing samples and late log
 * counts extend the window. The activity only takes samples. This workflow computes the verdict
 * from all samples so far.
 */
export async function watch(rollout: Rollout, plan: Plan): Promise<Outcome> {
  rollout.enter('watch');
  rollout.notes.parent(rollout.status);
  const startedAt = Date.now();
  const { windowMs, segmentMs } = plan.timing;
  const { plannedSamples } = plan.watch;
  const samples: Sample[] = [];
  for (;;) {
    const left = startedAt + windowMs - Date.now();
    const endsAt = Date.now() + (left > 0 ? Math.min(segmentMs, left) : segmentMs);
    samples.push(...(await segment(rollout, plan, { startedAt, endsAt, earlier: samples })));
    const clock = { startedAt, now: Date.now(), windowMs, plannedSamples, samples };
    const verdict = judgeWatch({ ...plan, samples, final: windowIsOver(clock) });
    rollout.show({ watch: verdict, samples: samples.slice(-60) });
    rollout.window = windowOf(plan.watch, samples);
    const { smoke } = rollout.status;
    if (smoke) rollout.evidence = { smoke, startedAt, samples };
    if (verdict.verdict === 'pass') return 'succeeded';
    if (verdict.verdict === 'inconclusive') return await awaitDecision(rollout, plan);
    if (verdict.verdict === 'fail') return await failed(rollout, plan, verdict);
  }
}

/**
 * Throws RollbackNeeded. In an external outage, asks a person instead, and returns the outcome of
 * the answer.
 */
async function failed(rollout: Rollout, plan: Plan, verdict: WatchVerdict): Promise<Outcome> {
  const elsewhere = await externalOutage(plan);
  if (elsewhere === null)
    throw new RollbackNeeded({
      kind: 'watch',
      blames: 'release',
      detail: verdict.reasons.join('; '),
    });
  const reasons = [elsewhere, ...verdict.reasons];
  rollout.show({ watch: { ...verdict, verdict: 'inconclusive', reasons } });
  return await awaitDecision(rollout, plan);
}

function segment(
  rollout: Rollout,
  plan: Plan,
  when: { startedAt: number; endsAt: number; earlier: Sample[] },
): Promise<Sample[]> {
  const { target, warrant, smoke, timing, baseline } = plan;
  const input = {
    deploy: refOf(plan),
    warrant,
    target,
    smoke,
    timing,
    baseline,
    watch: plan.watch,
    ...when,
  };
  return rollout.runStep('watch', () => watching.takeSamples(input), timing.stuckGiveUpMs);
}
