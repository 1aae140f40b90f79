import type { Baseline } from '../../domain/deploy/plan.ts';
import { baselineOfWindow } from '../../domain/watch/watch-window.ts';
import type { Standing } from '../../domain/rollback/rollback-target.ts';
import type { Memory, PlanFacts } from './facts.ts';

type Question = {
  measure: () => Promise<Baseline | null>;
  standing: Standing;
  accessLog: string | null;
  memory: Pick<Memory, 'lastProven' | 'provenWindow'>;
};

/**
 * Returns the error counts for the comparison with the new release, or null if there are none.
 *
 * - If the live release is proven: the counts in its error log.
 * - If not: the counts from the watch of the last proven release.
 * - If there are no such counts, but the live release is healthy: the counts in its error log.
 */
export async function chooseBaseline({ measure, standing, accessLog, memory }: Question) {
  if (standing === 'proven') return await measure();
  const { lastProven: release, provenWindow } = memory;
  const proven = release && baselineOfWindow(provenWindow, { accessLog, release });
  return proven ?? (standing === 'unproven' ? await measure() : null);
}

type Facts = Pick<PlanFacts, 'standing' | 'baseline' | 'rollbackTarget'>;

/**
 * Returns a note for people about the release with which the error log is compared. Returns no note
 * if the live release is proven, or if there is no rollback target.
 */
export function baselineNotes({ standing, baseline, rollbackTarget }: Facts): string[] {
  if (standing === 'proven' || !rollbackTarget) return [];
  if (baseline?.of)
    return [
      `the error log is compared with the watch that proved release ${baseline.of.slice(0, 7)}`,
    ];
  return baseline
    ? [
        'the error log is compared with a release that was never proven, ' +
          'so the error log is advisory by default',
      ]
    : [
        'there is no healthy release to compare the error log with, ' +
          'so the error log is advisory by default',
      ];
}
