import type { FreezeWindow, Plan } from '../deploy/plan.ts';
import { between } from '../config/freeze-clock.ts';
import { specOf } from '../platforms/index.ts';
import { isOwnReason } from '../deploy/reason.ts';
import { isProduction } from '../approval/rule.ts';

/**
 * A configured freeze window. `from` and `to` are weekly times ("fri 16:00") or dates with a time
 * ("2026-12-24 12:00"), in `timeZone`.
 */
export type Freeze = {
  name: string;
  from: string;
  to: string;
  timeZone: string;
  /** Absent: the window applies to every production environment. */
  environments?: string[] | undefined;
};

const minute = 60_000;
const day = 24 * 60 * minute;
const week = 7 * day;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * Returns the freeze windows of an environment that overlap [from, to] (epoch ms), earliest first.
 */
export function windowsBetween(
  freezeWindows: readonly Freeze[],
  environment: string,
  { from, to }: { from: number; to: number },
): FreezeWindow[] {
  return freezeWindows
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

/**
 * A local time, written in milliseconds as if it were UTC. `week`: since Sunday 00:00. `date`:
 * since the epoch.
 */
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

const utc = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Returns the longest time of build, release and watch together, in milliseconds. */
export function needsOf({ target, timing }: Pick<Plan, 'target' | 'timing'>): number {
  const { toBuildMs, toProveMs } = specOf(target).longest(target, timing);
  return toBuildMs + toProveMs + timing.windowMs;
}

export type FreezeFacts = {
  windows: readonly FreezeWindow[];
  now: number;
  /** The longest time from now until the verdict, in milliseconds. */
  needsMs: number;
  hotfix: boolean;
  /** The requester's reason for the deploy. */
  reason: string;
};

/** The next step for a hotfix that has no reason yet. */
export const giveReason =
  'A hotfix is allowed with a reason: --priority P0 --reason "why it cannot wait".';

/**
 * Closes the gate if a freeze window is in force now, or begins before the latest possible verdict.
 * A hotfix with its own reason passes, and the report names the freeze window.
 */
export function judgeFreeze({ windows, now, needsMs, hotfix, reason }: FreezeFacts) {
  const met = windows.find(({ from, to }) => from < now + needsMs && to > now);
  if (!met) return { open: true, reasons: ['no freeze window until the watch ends'] };
  const what =
    met.from <= now
      ? `the freeze window "${met.name}" lasts until ${utc(met.to)}`
      : `the freeze window "${met.name}" begins at ${utc(met.from)}, and a deploy that starts ` +
        `now may need ${Math.ceil(needsMs / minute)} min until its verdict`;
  if (hotfix && isOwnReason(reason))
    return {
      open: true,
      reasons: [`a P0 deploy is allowed in the freeze window (its reason: "${reason}"): ${what}`],
    };
  if (hotfix) return { open: false, reasons: [`${what}. ${giveReason}`] };
  const next =
    `Deploy again after ${utc(freeFrom(windows, met, needsMs))}. A hotfix needs --priority P0, a ` +
    '--reason and one more approver.';
  return { open: false, reasons: [`${what}. ${next}`] };
}

/**
 * Returns the earliest time (epoch ms) at which a deploy can start without meeting a freeze window.
 * A gap between two windows counts only if it is at least `needsMs` long.
 */
const freeFrom = (windows: readonly FreezeWindow[], met: FreezeWindow, needsMs: number) =>
  windows.reduce(
    (free, { from, to }) => (from < free + needsMs ? Math.max(free, to) : free),
    met.to,
  );

/** Returns the reason why a hotfix needs one more approver; null: no freeze window is near. */
export const throughFreezeWindow = (windows: readonly FreezeWindow[] | undefined): string | null =>
  windows?.[0]
    ? `one more approver: this hotfix may pass the freeze window "${windows[0].name}"`
    : null;
