import type { Baseline } from '../../domain/plan.ts';
import { baselineOfWindow } from '../../domain/policy/watch-window.ts';
import type { Standing } from '../../domain/policy/way-back.ts';
import type { Memory, PlanFacts } from './gather.ts';

type Question = {
  measure: () => Promise<Baseline | null>;
  standing: Standing;
  accessLog: string | null;
  memory: Pick<Memory, 'lastProven' | 'provenWindow'>;
};

/**
 * What is live is the measure only if it is healthy; unproven, it yields to the window that proved the last
 * one. null: nothing to compare with.
 */
export async function chooseBaseline({ measure, standing, accessLog, memory }: Question) {
  if (standing === 'proven') return await measure();
  const { lastProven: release, provenWindow } = memory;
  const proven = release && baselineOfWindow(provenWindow, { accessLog, release });
  return proven ?? (standing === 'unproven' ? await measure() : null);
}

type Facts = Pick<PlanFacts, 'standing' | 'baseline' | 'restoreTo'>;

/** Said loudly wherever the error log is not compared with what is live and proven. */
export function baselineNotes({ standing, baseline, restoreTo }: Facts): string[] {
  if (standing === 'proven' || !restoreTo) return [];
  if (baseline?.of)
    return [`the error log is compared with the window that proved ${baseline.of.slice(0, 7)}`];
  return baseline
    ? ['the error log is compared with a release that was never proven: advisory by default']
    : ['the error log has no healthy release to be compared with: advisory by default'];
}
