import type { Look, WatchPlan } from '../../../domain/plan.ts';
import { judgeDefaults } from '../../../domain/policy/judge/judge-defaults.ts';

/** The watch of a plan with a required probe source and an advisory error log. */
export const watch: WatchPlan = {
  sources: [
    { name: 'probes', required: true, share: 0.5 },
    { name: 'error-log', required: false, share: 0.5 },
  ],
  plannedLooks: 180,
  onAsk: 'keep',
  accessLog: null,
  judge: judgeDefaults,
};
export type Answer = Partial<Omit<Look, 'at'>>;
export const looks = (number: number, answer: (k: number) => Answer = () => ({})): Look[] =>
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
