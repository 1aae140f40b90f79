import type { Sample, WatchPlan } from '../../../domain/deploy/plan.ts';
import { judgeDefaults } from '../../../domain/watch/judge/judge-defaults.ts';

/**
 * The watch plan of a deploy. The probes are a required source, and the error log is an optional
 * source.
 */
export const watch: WatchPlan = {
  sources: [
    { name: 'probes', required: true, share: 0.5 },
    { name: 'error-log', required: false, share: 0.5 },
  ],
  plannedSamples: 180,
  onInconclusive: 'keep',
  accessLog: null,
  judge: judgeDefaults,
};
export type Answer = Partial<Omit<Sample, 'at'>>;
export const samples = (number: number, answer: (k: number) => Answer = () => ({})): Sample[] =>
  Array.from({ length: number }, (_, k) => ({
    at: (k + 1) * 10_000,
    probe: 0,
    log: [0, 10],
    ...answer(k),
  }));
export const failing =
  (from: number, to = Infinity) =>
  (k: number): Answer =>
    k >= from && k < to ? { probe: 1, note: 'core /healthz answered 500' } : {};
