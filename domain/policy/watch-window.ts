import type { Baseline, Look, Release, WatchPlan, WatchWindow } from '../plan.ts';
import { unmeasuredDispersion } from './judge/dispersion.ts';

/** What a watch saw of the error log, to be the baseline of a later deploy. Blind looks count for nothing. */
export function windowOf({ accessLog }: WatchPlan, looks: readonly Look[]): WatchWindow {
  const seen = looks.flatMap(({ log }) => (log === null ? [] : [log]));
  return {
    looks: looks.length,
    errors: seen.reduce((sum, [errors]) => sum + errors, 0),
    requests: seen.reduce((sum, [, requests]) => sum + requests, 0),
    accessLog,
  };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** `recorded` comes from the ledger. null: none, or counted by another access log, so not comparable. */
export function baselineOfWindow(
  recorded: unknown,
  { accessLog, release }: { accessLog: string | null; release: Release },
): Baseline | null {
  const { errors, requests, accessLog: by } = (recorded ?? {}) as Partial<WatchWindow>;
  if (!isCount(errors) || !isCount(requests) || requests === 0 || by !== accessLog) return null;
  return { errors, requests, ...unmeasuredDispersion, of: release.sha };
}
