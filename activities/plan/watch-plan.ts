import type { Baseline, WatchPlan } from '../../domain/plan.ts';
import { judgeDefaults } from '../../domain/policy/judge/judge-defaults.ts';
import { timing } from '../../domain/policy/timing.ts';
import type { Standing } from '../../domain/policy/way-back.ts';
import type { Environment } from '../../domain/schema.ts';

/**
 * The sandbox scales time; the number of looks is production's, like every constant of the judge.
 */
const production = timing();

type Facts = { baseline: Baseline | null; standing: Standing };

/** Half of alpha each; frozen in the digest. A log without a baseline is reported, not judged. */
export const watchPlan = (
  { watch, dependencies }: Pick<Environment, 'watch' | 'dependencies'>,
  facts: Facts,
): WatchPlan => ({
  sources: [
    { name: 'probes', required: true, share: 0.5 },
    { name: 'error-log', required: needsLog(watch, facts), share: 0.5 },
  ],
  plannedLooks: production.windowMs / production.lookMs,
  onAsk: watch.onAsk,
  accessLog: watch.accessLog ?? facts.baseline?.metric ?? null,
  ...(dependencies.length > 0 ? { dependencies } : {}),
  judge: judgeDefaults,
});

/** Said in plimsoll.yaml, or else: only where it is compared with what was proven. */
function needsLog({ sources }: Environment['watch'], { baseline, standing }: Facts): boolean {
  const said = sources?.['error-log'];
  if (said) return said === 'required';
  const usable = baseline !== null && baseline.requests > 0;
  return usable && (standing === 'proven' || baseline.of !== undefined);
}
