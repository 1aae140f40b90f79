import type { Plan, Target } from '../plan.ts';
import { between } from './freeze-clock.ts';
import { longestRelease } from './platform-bounds.ts';
import { isOwnReason } from './reason.ts';
import { isProduction } from './rule.ts';

/** As configured: a week's window ("fri 16:00") or one of the calendar ("2026-12-24 12:00"), on that zone's clocks. */
export type Freeze = {
  name: string;
  from: string;
  to: string;
  timeZone: string;
  /** Absent: every production. */
  environments?: string[] | undefined;
};

/** Epoch milliseconds; `to` is the first moment after it. */
export type FreezeWindow = { name: string; from: number; to: number };

const minute = 60_000;
const day = 24 * 60 * minute;
const week = 7 * day;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Those of an environment that touch [from, to], the earliest first. */
export function windowsBetween(
  freezes: readonly Freeze[],
  environment: string,
  { from, to }: { from: number; to: number },
): FreezeWindow[] {
  return freezes
    .filter((freeze) => freeze.environments?.includes(environment) ?? isProduction(environment))
    .flatMap((freeze) => occurrences(freeze, from, to))
    .filter((window) => window.from < window.to)
    .filter((window) => window.from <= to && window.to > from)
    .toSorted((one, other) => one.from - other.from);
}

function occurrences({ name, from, to, timeZone }: Freeze, since: number, until: number) {
  const begins = wallOf(from);
  const ends = wallOf(to);
  if ('date' in begins && 'date' in ends)
    return [{ name, ...between(begins.date, ends.date, timeZone) }];
  if (!('week' in begins) || !('week' in ends)) return [];
  const long = (ends.week - begins.week + week) % week || week;
  const windows: FreezeWindow[] = [];
  for (let sunday = sundayBefore(since) - week; sunday <= until + day; sunday += week) {
    const start = sunday + begins.week;
    windows.push({ name, ...between(start, start + long, timeZone) });
  }
  return windows;
}

const sundayBefore = (ms: number) => {
  const midnight = Math.floor(ms / day) * day;
  return midnight - new Date(midnight).getUTCDay() * day;
};

export const freezeMoment =
  /^((sun|mon|tue|wed|thu|fri|sat) ([01]\d|2[0-3]):[0-5]\d|\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d)$/;

/** What clocks show, read as if it were UTC. */
type Wall = { week: number } | { date: number };

function wallOf(text: string): Wall {
  const [first = '', time = ''] = text.split(' ');
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const ofDay = (hours * 60 + minutes) * minute;
  const weekday = days.indexOf(first);
  return weekday === -1
    ? { date: Date.parse(`${first}T00:00:00Z`) + ofDay }
    : { week: weekday * day + ofDay };
}

const told = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The longest that a release and its watch may take, as far as it can be known. */
export const needsOf = ({ target, timing }: Pick<Plan, 'target' | 'timing'>): number =>
  releaseOf(target, timing) + timing.windowMs;

function releaseOf(target: Target, timing: Plan['timing']): number {
  if (target.platform !== 'vps') {
    const { toBuildMs, toProveMs } = longestRelease(target, timing);
    return toBuildMs + toProveMs;
  }
  const { hosts, checkout, prepare, prepareMs, run } = target;
  const bounded = (prepare === null ? 0 : 1) + (run === 'compose' ? 1 : 0);
  // Releases are prepared on all hosts at once; in place it happens where the host has its turn.
  const turns = checkout === 'in-place' ? hosts.length : 1;
  return turns * bounded * prepareMs + hosts.length * timing.startUpMs;
}

export type FreezeFacts = {
  windows: readonly FreezeWindow[];
  now: number;
  /** How long it may take from here to its verdict, in milliseconds. */
  needsMs: number;
  hotfix: boolean;
  /** Why it is deployed. */
  reason: string;
};

/** Whoever goes through says why, in the words that its approvers read. */
export const giveReason =
  'A hotfix goes through with a reason: --priority P0 --reason "why it cannot wait".';

/** Nothing starts in a freeze, or what may not have its verdict when one begins. A hotfix may; it is said. */
export function judgeFreeze({ windows, now, needsMs, hotfix, reason }: FreezeFacts) {
  const met = windows.find(({ from, to }) => from < now + needsMs && to > now);
  if (!met) return { open: true, reasons: ['no freeze until its watch is over'] };
  const what =
    met.from <= now
      ? `"${met.name}" is frozen until ${told(met.to)}`
      : `"${met.name}" begins at ${told(met.from)}, and a deploy that begins now may need ` +
        `${Math.ceil(needsMs / minute)} min to its verdict`;
  if (hotfix && isOwnReason(reason))
    return { open: true, reasons: [`P0 goes through the freeze, for "${reason}": ${what}`] };
  if (hotfix) return { open: false, reasons: [`${what}. ${giveReason}`] };
  const next = `Deploy again after ${told(freeFrom(windows, met, needsMs))}; a hotfix goes with --priority P0, a --reason and one more approver.`;
  return { open: false, reasons: [`${what}. ${next}`] };
}

/** One that overlaps, or comes too soon after it, would only refuse it again. */
const freeFrom = (windows: readonly FreezeWindow[], met: FreezeWindow, needsMs: number) =>
  windows.reduce(
    (free, { from, to }) => (from < free + needsMs ? Math.max(free, to) : free),
    met.to,
  );

/** Why a hotfix needs one more approver; null: no freeze is near. */
export const throughFreeze = (windows: readonly FreezeWindow[] | undefined): string | null =>
  windows?.[0] ? `one more approver: it may go through the freeze "${windows[0].name}"` : null;
