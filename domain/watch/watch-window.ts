import type { Baseline, Sample, Release, WatchPlan, WatchWindow } from '../deploy/plan.ts';
import { unmeasuredDispersion } from './judge/dispersion.ts';

/**
 * Returns the error-log counts of a watch, for the baseline of a later deploy. Samples without data
 * do not count.
 */
export function windowOf({ accessLog }: WatchPlan, samples: readonly Sample[]): WatchWindow {
  const seen = samples.flatMap(({ log }) => (log === null ? [] : [log]));
  return {
    samples: samples.length,
    errors: seen.reduce((sum, [errors]) => sum + errors, 0),
    requests: seen.reduce((sum, [, requests]) => sum + requests, 0),
    accessLog,
  };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/**
 * Returns the baseline from `recorded`, a watch window in the ledger. null: nothing was counted, or
 * the counts come from another access log and cannot be compared.
 */
export function baselineOfWindow(
  recorded: unknown,
  { accessLog, release }: { accessLog: string | null; release: Release },
): Baseline | null {
  const { errors, requests, accessLog: by } = (recorded ?? {}) as Partial<WatchWindow>;
  if (!isCount(errors) || !isCount(requests) || requests === 0 || by !== accessLog) return null;
  return { errors, requests, ...unmeasuredDispersion, of: release.sha };
}
