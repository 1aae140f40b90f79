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
 * Chooses the error counts that the new release is compared with. If the live release is proven,
 * its error log is measured. If not, the counts from the watch of the last proven release are used.
 * If there are no such counts, the error log of the live release is measured, but only if this
 * release is healthy. null means that there is nothing to compare with.
 */
export async function chooseBaseline({ measure, standing, accessLog, memory }: Question) {
  if (standing === 'proven') return await measure();
  const { lastProven: release, provenWindow } = memory;
  const proven = release && baselineOfWindow(provenWindow, { accessLog, release });
  return proven ?? (standing === 'unproven' ? await measure() : null);
}

type Facts = Pick<PlanFacts, 'standing' | 'baseline' | 'rollbackTarget'>;

/**
 * Returns a note for people, unless the error log is compared with a live release that is proven.
 * Without a rollback target, there is no note.
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
