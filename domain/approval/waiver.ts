import { isDay } from '../lib/day.ts';
import { judgeStandalone, type StandaloneCase } from './standalone-decision.ts';
import type { Judgement } from './approval.ts';

/** A finding that an approver accepts until the end of the day `until` (UTC). */
export type Waiver = {
  finding: string;
  reason: string;
  by: string;
  until: string;
  /** The reason why the waiver's signature no longer counts; absent = the signature counts. */
  invalid?: string;
};

export const isOver = ({ until }: Pick<Waiver, 'until'>, now: string) => until < now.slice(0, 10);

/**
 * Returns the waiver of this finding that ends last. Waivers with a valid signature come first.
 * `stands` is true if the signature is valid and the waiver has not ended. null = the finding has
 * no waiver.
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

export type WaiveCase = StandaloneCase & { finding: string; until: string };

/** The greatest number of days that a waiver can last. */
export const longestWaiverDays = 90;
const dayMs = 24 * 60 * 60_000;

const words = {
  subject: 'waive',
  noun: 'a waiver',
  verb: 'waive a finding',
  byItself: 'a finding counts unless it is waived',
  parts: 'finding, place, reason or day',
} as const;

/**
 * Judges whether this waiver counts. If the waiver does not count, `why` is the first reason found.
 */
export function judgeWaiver(it: WaiveCase): Judgement {
  const { approver, project, environment } = it.decision;
  const counts = `${approver} waives ${it.finding} in ${project} ${environment} until ${it.until}`;
  return judgeStandalone(it, words, { own: wrongDay(it), counts });
}

/** Returns the reason why `until` cannot be the last day of a waiver; null: this day is allowed. */
export function wrongDay({ until, now }: Pick<WaiveCase, 'until' | 'now'>): string | null {
  if (!isDay(until))
    return `"${until}" is not a day; the last day of a waiver is a date such as 2027-01-31`;
  const days = (Date.parse(until) - Date.parse(now)) / dayMs;
  if (days <= -1) return `the last day of the waiver, ${until}, is over`;
  return days > longestWaiverDays
    ? `the last day of the waiver, ${until}, is more than ${longestWaiverDays} days away`
    : null;
}
