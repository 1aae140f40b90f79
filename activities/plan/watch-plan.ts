import type { Baseline, WatchPlan } from '../../domain/plan.ts';
import { judgeDefaults } from '../../domain/policy/judge/judge-defaults.ts';
import { timing } from '../../domain/policy/timing.ts';
import type { VpsEnvironment } from '../../domain/schema.ts';

/**
 * The sandbox scales time; the number of looks is production's, like every constant of the judge.
 */
const production = timing();

/** Half of alpha each; frozen in the digest. A log without a baseline is reported, not judged. */
export const watchPlan = ({ watch }: VpsEnvironment, baseline: Baseline | null): WatchPlan => ({
  sources: [
    { name: 'probes', required: true, share: 0.5 },
    { name: 'error-log', required: baseline !== null && baseline.requests > 0, share: 0.5 },
  ],
  plannedLooks: production.windowMs / production.lookMs,
  onAsk: watch.onAsk,
  accessLog: watch.accessLog ?? null,
  judge: judgeDefaults,
});
