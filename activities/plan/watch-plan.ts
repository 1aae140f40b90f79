import type { Baseline, WatchPlan } from '../../domain/deploy/plan.ts';
import { judgeDefaults } from '../../domain/watch/judge/judge-defaults.ts';
import { timing } from '../../domain/deploy/timing.ts';
import type { Standing } from '../../domain/rollback/rollback-target.ts';
import type { Environment } from '../../domain/config/config.ts';

/**
 * The timing of production. A sandbox shortens the durations. It does not change the number of
 * samples or the constants of the judge.
 */
const production = timing();

type Facts = { baseline: Baseline | null; standing: Standing };

/**
 * Returns the plan of the watch. Alpha is the accepted probability of a false alarm. The probes get
 * half of alpha, and the error log gets the other half. The digest covers this plan, so approvers
 * sign it. If the error log has no baseline, it is reported but not judged.
 */
export const watchPlan = (
  { watch, dependencies }: Pick<Environment, 'watch' | 'dependencies'>,
  facts: Facts,
): WatchPlan => ({
  sources: [
    { name: 'probes', required: true, share: 0.5 },
    { name: 'error-log', required: needsLog(watch, facts), share: 0.5 },
  ],
  plannedSamples: production.windowMs / production.sampleMs,
  onInconclusive: watch.onInconclusive,
  accessLog: watch.accessLog ?? facts.baseline?.metric ?? null,
  ...(dependencies.length > 0 ? { dependencies } : {}),
  judge: judgeDefaults,
});

/**
 * True if the watch requires the error log. The setting in plimsoll.yaml decides. Without a
 * setting, the watch requires the error log only if its baseline comes from a proven release.
 */
function needsLog({ sources }: Environment['watch'], { baseline, standing }: Facts): boolean {
  const said = sources?.['error-log'];
  if (said) return said === 'required';
  const usable = baseline !== null && baseline.requests > 0;
  return usable && (standing === 'proven' || baseline.of !== undefined);
}
