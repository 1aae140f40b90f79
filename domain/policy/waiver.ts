import { isDay } from '../day.ts';
import { judgeAlone, type AloneCase } from './alone.ts';
import type { Judgement } from './approval.ts';

/** A finding that an approver answers for, until the end of that day (UTC). */
export type Waiver = {
  finding: string;
  reason: string;
  by: string;
  until: string;
  /** Why its signature counts no more. */
  invalid?: string;
};

export const isOver = ({ until }: Pick<Waiver, 'until'>, now: string) => until < now.slice(0, 10);

/**
 * Of several that count the one that lasts longest; `stands` = it counts and has not ended. null = nobody
 * waived it.
 */
export function standingWaiver(
  waivers: readonly Waiver[],
  finding: string,
  now: string,
): { waiver: Waiver; stands: boolean } | null {
  const [waiver] = waivers
    .filter((one) => one.finding === finding)
    .toSorted((one, other) => other.until.localeCompare(one.until))
    .toSorted((one, other) => Number('invalid' in one) - Number('invalid' in other));
  return waiver ? { waiver, stands: !('invalid' in waiver) && !isOver(waiver, now) } : null;
}

export type WaiveCase = AloneCase & { finding: string; until: string };

/** A waiver is no way to forget: at most this many days. */
export const longestWaiverDays = 90;
const dayMs = 24 * 60 * 60_000;

const words = {
  subject: 'waive',
  noun: 'a waiver',
  verb: 'waive a finding',
  byItself: 'a finding counts by itself',
  parts: 'finding, place, reason or day',
} as const;

/** Does this waiver count, and if not, why. */
export function judgeWaiver(it: WaiveCase): Judgement {
  const { approver, project, environment } = it.decision;
  const counts = `${approver} waives ${it.finding} in ${project} ${environment} until ${it.until}`;
  return judgeAlone(it, words, { own: wrongDay(it), counts });
}

/** null: a waiver may end then. */
export function wrongDay({ until, now }: Pick<WaiveCase, 'until' | 'now'>): string | null {
  if (!isDay(until)) return `its last day is "${until}", and not a day such as 2027-01-31`;
  const days = (Date.parse(until) - Date.parse(now)) / dayMs;
  if (days <= -1) return `its last day, ${until}, is over`;
  return days > longestWaiverDays
    ? `its last day, ${until}, is more than ${longestWaiverDays} days away`
    : null;
}
