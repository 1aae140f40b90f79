import { expect, test } from 'vitest';
import { judgeFreeze, windowsBetween } from '../../../domain/gates/freeze.ts';
import type { Freeze } from '../../../domain/gates/freeze.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const minute = 60_000;
const hour = 60 * minute;

const of = (name: string, from: string, to: string, more: Partial<Freeze> = {}): Freeze => ({
  ...{ name, from, to, timeZone: 'Europe/Berlin' },
  ...more,
});
const weekend = of('the weekend', 'fri 16:00', 'mon 07:00');
const party = of('the party', 'fri 20:00', 'sat 04:00');
const sale = of('the sale', '2026-11-27 00:00', '2026-11-30 23:59');
const night = of('the night', 'tue 00:00', 'tue 06:00', { timeZone: 'UTC' });
const wrap = of('the turn of the week', 'sat 22:00', 'sun 02:00', { timeZone: 'UTC' });
const always = of('the closed house', 'wed 00:00', 'wed 00:00', { timeZone: 'UTC' });
const skipped = of('the lost hour', '2026-03-29 02:30', '2026-03-29 04:00');
const twice = of('the second hour', '2026-10-25 02:30', '2026-10-25 04:00');
const turn = of('the turn of the clocks', 'sat 22:00', 'sun 02:30');
const newYork = of('Friday there', 'fri 16:00', 'fri 20:00', { timeZone: 'America/New_York' });
const saturday = of('Saturday', 'sat 00:00', 'sun 00:00');
const dawn = of('the dawn', 'sat 04:30', 'sat 06:00');
const stagingOnly = of('the rehearsal', 'fri 16:00', 'mon 07:00', { environments: ['staging'] });

const open = 'open: no freeze window until the watch ends';
const again = (free: string) =>
  `Deploy again after ${free} UTC. A hotfix needs --priority P0, a --reason and one more approver.`;
const inside = (name: string, until: string, free = until) =>
  `closed: the freeze window "${name}" lasts until ${until} UTC. ${again(free)}`;
const soon = (name: string, from: string, until: string) =>
  `closed: the freeze window "${name}" begins at ${from} UTC, and a deploy that starts now may ` +
  `need 45 min until its verdict. ${again(until)}`;
const asks = 'A hotfix is allowed with a reason: --priority P0 --reason "why it cannot wait".';

type More = { environment?: string; hotfix?: string };
type Row = [what: string, now: string, freezeWindows: Freeze[], said: string, more?: More];

const monday = '2026-11-30 06:00';
const begins = '2026-11-27 15:00';
const rows: Row[] = [
  ['no window at all', '2026-11-28T10:00Z', [], open],
  ['in it', '2026-11-28T10:00Z', [weekend], inside('the weekend', monday)],
  ['at its first moment', '2026-11-27T15:00Z', [weekend], inside('the weekend', monday)],
  ['at its last', '2026-11-30T05:59:59.999Z', [weekend], inside('the weekend', monday)],
  ['at the first after it', '2026-11-30T06:00Z', [weekend], open],
  ['done as it begins', '2026-11-27T14:15Z', [weekend], open],
  [
    'a moment too late for that',
    '2026-11-27T14:15:00.001Z',
    [weekend],
    soon('the weekend', begins, monday),
  ],
  [
    'it begins during the watch',
    '2026-11-27T14:50Z',
    [weekend],
    soon('the weekend', begins, monday),
  ],
  ['clocks go forward: it ends an hour early', '2026-03-30T05:00Z', [weekend], open],
  [
    'clocks go forward: a minute before',
    '2026-03-30T04:59Z',
    [weekend],
    inside('the weekend', '2026-03-30 05:00'),
  ],
  [
    'clocks go back: it ends an hour late',
    '2026-10-26T05:00Z',
    [weekend],
    inside('the weekend', '2026-10-26 06:00'),
  ],
  ['clocks go back: after it', '2026-10-26T06:00Z', [weekend], open],
  [
    'from an hour that is skipped: from the jump on',
    '2026-03-29T01:00Z',
    [skipped],
    inside('the lost hour', '2026-03-29 02:00'),
  ],
  [
    'from an hour that comes twice: the first',
    '2026-10-25T00:30Z',
    [twice],
    inside('the second hour', '2026-10-25 03:00'),
  ],
  [
    'to an hour that comes twice: to its second',
    '2026-10-25T01:10Z',
    [turn],
    inside('the turn of the clocks', '2026-10-25 01:30'),
  ],
  [
    'two at once: the one that began first is told',
    '2026-11-27T20:00Z',
    [party, weekend],
    inside('the weekend', monday),
  ],
  [
    'a date window over a week window',
    '2026-11-27T20:00Z',
    [weekend, sale],
    inside('the sale', '2026-11-30 22:59'),
  ],
  [
    'the date window outlasts the week window',
    '2026-11-30T06:00Z',
    [weekend, sale],
    inside('the sale', '2026-11-30 22:59'),
  ],
  [
    'a longer one begins in it',
    '2026-11-27T20:30Z',
    [party, saturday],
    inside('the party', '2026-11-28 03:00', '2026-11-28 23:00'),
  ],
  [
    'another begins too soon after it',
    '2026-11-28T02:30Z',
    [party, dawn],
    inside('the party', '2026-11-28 03:00', '2026-11-28 05:00'),
  ],
  ['a date window comes once', '2027-11-27T12:00Z', [sale], open],
  [
    'before midnight',
    '2026-11-23T23:20Z',
    [night],
    soon('the night', '2026-11-24 00:00', '2026-11-24 06:00'),
  ],
  ['at midnight', '2026-11-24T00:00Z', [night], inside('the night', '2026-11-24 06:00')],
  [
    'over the turn of the week, before it',
    '2026-11-28T23:00Z',
    [wrap],
    inside('the turn of the week', '2026-11-29 02:00'),
  ],
  [
    'over the turn of the week, after it',
    '2026-11-29T01:00Z',
    [wrap],
    inside('the turn of the week', '2026-11-29 02:00'),
  ],
  ['a whole week', '2026-11-26T12:00Z', [always], inside('the closed house', '2026-12-02 00:00')],
  [
    'on the clocks of another zone',
    '2026-11-27T21:30Z',
    [newYork],
    inside('Friday there', '2026-11-28 01:00'),
  ],
  ['not yet on the clocks of another zone', '2026-11-27T16:30Z', [newYork], open],
  ['another environment', '2026-11-28T10:00Z', [weekend], open, { environment: 'staging' }],
  [
    'an environment that is named',
    '2026-11-28T10:00Z',
    [stagingOnly],
    inside('the rehearsal', monday),
    { environment: 'staging' },
  ],
  ['production where only another is named', '2026-11-28T10:00Z', [stagingOnly], open],
  [
    'a hotfix with its reason',
    '2026-11-28T10:00Z',
    [weekend],
    'open: a P0 deploy is allowed in the freeze window (its reason: "logins fail"): the freeze window "the weekend" ' +
      `lasts until ${monday} UTC`,
    { hotfix: 'logins fail' },
  ],
  [
    'a hotfix before it begins',
    '2026-11-27T14:50Z',
    [weekend],
    'open: a P0 deploy is allowed in the freeze window (its reason: "logins fail"): the freeze window "the weekend" ' +
      `begins at ${begins} UTC, and a deploy that starts now may need 45 min until its verdict`,
    { hotfix: 'logins fail' },
  ],
  [
    'a hotfix without a reason',
    '2026-11-28T10:00Z',
    [weekend],
    `closed: the freeze window "the weekend" lasts until ${monday} UTC. ${asks}`,
    { hotfix: 'routine deploy' },
  ],
  [
    'a hotfix where nothing is frozen',
    '2026-11-26T10:00Z',
    [weekend],
    open,
    { hotfix: 'routine deploy' },
  ],
];

test.each(rows)(
  '%s (%s)',
  (_, iso, freezeWindows, said, { environment = 'production', hotfix } = {}) => {
    const now = Date.parse(iso);
    const windows = windowsBetween(freezeWindows, environment, { from: now, to: now + 3 * hour });
    const asked = { hotfix: hotfix !== undefined, reason: hotfix ?? 'routine deploy' };
    const judged = judgeFreeze({ windows, now, needsMs: 45 * minute, ...asked });
    expect(`${judged.open ? 'open' : 'closed'}: ${judged.reasons.join('; ')}`).toBe(said);
    expect(judged.open ? [] : withoutWay(judged.reasons)).toEqual([]);
  },
);
