import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Freeze } from '../../../domain/gates/freeze.ts';
import { windowsBetween } from '../../../domain/gates/freeze.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Clock changes in 2026: the zone, the direction, and the first moment after the change. */
const changes = [
  ['Europe/Berlin', 'forward', '2026-03-29T01:00Z'],
  ['Europe/Berlin', 'back', '2026-10-25T01:00Z'],
  ['America/New_York', 'forward', '2026-03-08T07:00Z'],
  ['America/New_York', 'back', '2026-11-01T06:00Z'],
  ['Australia/Sydney', 'forward', '2026-10-03T16:00Z'],
  ['Australia/Sydney', 'back', '2026-04-04T16:00Z'],
] as const;

const windows = (freeze: Pick<Freeze, 'from' | 'to' | 'timeZone'>, from: number, to: number) =>
  windowsBetween([{ name: 'it', ...freeze }], 'production', { from, to });
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

const [berlin, newYork, sydney] = ['Europe/Berlin', 'America/New_York', 'Australia/Sydney'];
test.each<[string, string, string, string, string, string[][]]>([
  [
    'forward: it begins with the jump',
    berlin,
    '2026-03-29',
    '02:30',
    '03:15',
    [['01:00', '01:15']],
  ],
  ['forward: not half an hour later', berlin, '2026-03-29', '02:30', '06:00', [['01:00', '04:00']]],
  ['forward: it ends with the jump', berlin, '2026-03-29', '01:30', '02:30', [['00:30', '01:00']]],
  ['forward: all of it is skipped', berlin, '2026-03-29', '02:10', '02:50', []],
  ['forward: around the jump', berlin, '2026-03-29', '01:30', '03:30', [['00:30', '01:30']]],
  [
    'forward: from the first time after it',
    berlin,
    '2026-03-29',
    '03:00',
    '04:00',
    [['01:00', '02:00']],
  ],
  ['back: both readings of it', berlin, '2026-10-25', '02:10', '02:50', [['00:10', '01:50']]],
  ['back: to the second reading', berlin, '2026-10-25', '00:30', '02:30', [['22:30', '01:30']]],
  ['back: from the first reading', berlin, '2026-10-25', '02:30', '04:00', [['00:30', '03:00']]],
  ['back: around both', berlin, '2026-10-25', '01:30', '03:30', [['23:30', '02:30']]],
  ['forward', newYork, '2026-03-08', '02:30', '03:15', [['07:00', '07:15']]],
  ['forward: all of it', newYork, '2026-03-08', '02:00', '03:00', []],
  ['back', newYork, '2026-11-01', '01:10', '01:50', [['05:10', '06:50']]],
  ['back: to the second reading', newYork, '2026-11-01', '00:30', '01:30', [['04:30', '06:30']]],
  ['forward', sydney, '2026-10-04', '02:30', '03:15', [['16:00', '16:15']]],
  ['back', sydney, '2026-04-05', '02:10', '02:50', [['15:10', '16:50']]],
  ['back: to the second reading', sydney, '2026-04-05', '00:30', '02:30', [['13:30', '16:30']]],
])('clocks go %s in %s on %s, %s to %s, by the week and by the date', (...row) => {
  const [, timeZone, date, from, to, expected] = row;
  const midnight = Date.parse(`${date}T00:00Z`);
  const shown = (freeze: Pick<Freeze, 'from' | 'to'>) =>
    windows({ ...freeze, timeZone }, midnight - day / 2, midnight + day).map((one) =>
      [one.from, one.to].map((ms) => iso(ms).slice(11)),
    );
  expect(shown({ from: `${date} ${from}`, to: `${date} ${to}` })).toEqual(expected);
  expect(shown({ from: `sun ${from}`, to: `sun ${to}` })).toEqual(expected);
});

test('a night over the change is frozen until its end is past for good', () => {
  const night = { from: 'sat 22:00', to: 'sun 02:30', timeZone: 'Europe/Berlin' };
  const around = Date.parse('2026-10-25T00:00Z');
  expect(windows(night, around, around).map(({ from, to }) => [iso(from), iso(to)])).toEqual([
    ['2026-10-24T20:00', '2026-10-25T01:30'],
  ]);
});

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const formats = new Map(
  [...new Set(changes.map(([zone]) => zone))].map((timeZone) => [
    timeZone as string,
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
  ]),
);
/** Returns the local time in a time zone, in minutes since the start of the week. */
function reading(at: number, timeZone: string) {
  const shown = new Date(`${formats.get(timeZone)?.format(at).replace(' ', 'T')}Z`);
  return (shown.getUTCDay() * day + (shown.getTime() % day)) / minute;
}
const spoken = (minutes: number) => {
  const [of, time] = [Math.floor(minutes / 1440), minutes % 1440];
  const two = (value: number) => `${value}`.padStart(2, '0');
  return `${days[of]} ${two(Math.floor(time / 60))}:${two(time % 60)}`;
};
const ofWeek = (minutes: number) => (minutes + 7 * 1440) % (7 * 1440);

test('every moment that clocks read inside the window is inside it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...changes),
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: -400, max: 400 }),
      ([timeZone, , change], starts, long, asked) => {
        const jump = Date.parse(change);
        const from = ofWeek(reading(jump, timeZone) + starts);
        const freeze = { from: spoken(from), to: spoken(ofWeek(from + long)), timeZone };
        const at = jump + asked * minute;
        const inside = ofWeek(reading(at, timeZone) - from) < long;
        const frozen = windows(freeze, at, at).some((one) => one.from <= at && at < one.to);
        expect(inside && !frozen, `${iso(at)} ${freeze.from} ${freeze.to} ${timeZone}`).toBe(false);
        // When clocks go back, one hour occurs twice. In this case the freeze window contains both
        // hours. So a blocked moment is at most one hour outside the configured window.
        const near = (apart: number) =>
          ofWeek(reading(at + apart * minute, timeZone) - from) < long;
        const hours = Array.from({ length: 121 }, (_, n) => n - 60);
        expect(frozen && !inside && !hours.some(near)).toBe(false);
      },
    ),
    { numRuns: 3000 },
  );
});
