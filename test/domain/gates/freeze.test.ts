import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeFreeze, throughFreezeWindow, windowsBetween } from '../../../domain/gates/freeze.ts';
import type { Freeze } from '../../../domain/gates/freeze.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const weekend: Freeze = {
  ...{ name: 'the weekend', from: 'fri 16:00', to: 'mon 07:00', timeZone: 'Europe/Berlin' },
};
const at = (iso: string) => Date.parse(iso);
const found = (freeze: Freeze, from: string, days: number, environment = 'production') =>
  windowsBetween([freeze], environment, { from: at(from), to: at(from) + days * day }).map((one) =>
    [one.from, one.to].map((ms) => new Date(ms).toISOString().slice(0, 16)),
  );

describe('windows', () => {
  test('of every week, on the clocks of their zone', () => {
    expect(found(weekend, '2026-11-24T00:00:00Z', 10)).toEqual([
      ['2026-11-27T15:00', '2026-11-30T06:00'],
    ]);
  });

  test.each([
    ['spring, an hour shorter', '2026-03-26T00:00:00Z', ['2026-03-27T15:00', '2026-03-30T05:00']],
    ['autumn, an hour longer', '2026-10-22T00:00:00Z', ['2026-10-23T14:00', '2026-10-26T06:00']],
  ])('over a change of the clocks in %s', (_, from, window) => {
    expect(found(weekend, from, 5)).toEqual([window]);
  });

  test('that is open already when it is asked', () => {
    expect(found(weekend, '2026-11-29T12:00:00Z', 1)).toEqual([
      ['2026-11-27T15:00', '2026-11-30T06:00'],
    ]);
  });

  test('of the calendar', () => {
    const christmas = { ...weekend, from: '2026-12-23 12:00', to: '2027-01-02 08:00' };
    expect(found(christmas, '2026-12-24T00:00:00Z', 1)).toEqual([
      ['2026-12-23T11:00', '2027-01-02T07:00'],
    ]);
    expect(found(christmas, '2027-01-02T07:00:00Z', 1)).toEqual([]);
  });

  test('in an hour that clocks skip, and in one that comes twice', () => {
    const skipped = { ...weekend, from: '2026-03-29 02:30', to: '2026-03-29 12:00' };
    expect(found(skipped, '2026-03-29T00:00:00Z', 1)[0]?.[0]).toBe('2026-03-29T01:00');
    const twice = { ...weekend, from: '2026-10-25 02:30', to: '2026-10-25 12:00' };
    expect(found(twice, '2026-10-25T00:00:00Z', 1)[0]?.[0]).toBe('2026-10-25T00:30');
  });

  test('are of production, or of what is named', () => {
    expect(found(weekend, '2026-11-28T00:00:00Z', 1, 'staging')).toEqual([]);
    const both = { ...weekend, environments: ['staging'] };
    expect(found(both, '2026-11-28T00:00:00Z', 1, 'staging')).toHaveLength(1);
    expect(found(both, '2026-11-28T00:00:00Z', 1)).toEqual([]);
  });

  test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])(
    'begin on Friday at four and end on Monday at seven, whenever they are asked for: %s',
    (timeZone) => {
      const shown = (ms: number) =>
        new Intl.DateTimeFormat('en-GB', {
          ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' },
        }).format(ms);
      fc.assert(
        fc.property(fc.integer({ min: at('2020-01-01'), max: at('2040-01-01') }), (from) => {
          const windows = windowsBetween([{ ...weekend, timeZone }], 'production', {
            from,
            to: from + 7 * day,
          });
          expect(windows.length).toBeGreaterThan(0);
          for (const window of windows) {
            expect(shown(window.from)).toBe('Fri 16:00');
            expect(shown(window.to)).toBe('Mon 07:00');
            expect(window.from <= from + 7 * day && window.to > from).toBe(true);
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('a deploy', () => {
  const window = {
    ...{ name: 'the weekend', from: at('2026-11-27T15:00Z'), to: at('2026-11-30T06:00Z') },
  };
  const judge = (now: string, hotfix = false, reason = 'logins fail') =>
    judgeFreeze({ windows: [window], now: at(now), needsMs: 30 * minute, hotfix, reason });

  test('in a freeze is refused until its end', () => {
    expect(judge('2026-11-28T10:00Z')).toEqual({
      open: false,
      reasons: [
        'the freeze window "the weekend" lasts until 2026-11-30 06:00 UTC. Deploy again after ' +
          '2026-11-30 06:00 UTC. A hotfix needs --priority P0, a --reason and one more ' +
          'approver.',
      ],
    });
  });

  test('that may not end before one is refused; one minute earlier it is not', () => {
    expect(judge('2026-11-27T14:31Z')).toEqual({
      open: false,
      reasons: [
        'the freeze window "the weekend" begins at 2026-11-27 15:00 UTC, and a deploy that ' +
          'starts now may need 30 min until its verdict. Deploy again after 2026-11-30 06:00 UTC. A ' +
          'hotfix needs --priority P0, a --reason and one more approver.',
      ],
    });
    const open = { open: true, reasons: ['no freeze window until the watch ends'] };
    expect(judge('2026-11-27T14:30Z')).toEqual(open);
    expect(judge('2026-11-30T06:00Z')).toEqual(open);
  });

  test('that is a hotfix goes through, and says so', () => {
    expect(judge('2026-11-28T10:00Z', true)).toEqual({
      open: true,
      reasons: [
        'a P0 deploy is allowed in the freeze window (its reason: "logins fail"): the freeze window "the weekend" lasts ' +
          'until 2026-11-30 06:00 UTC',
      ],
    });
  });

  test('that is a hotfix without a reason of its own does not', () => {
    expect(judge('2026-11-28T10:00Z', true, 'routine deploy')).toEqual({
      open: false,
      reasons: [
        'the freeze window "the weekend" lasts until 2026-11-30 06:00 UTC. A hotfix is ' +
          'allowed with a reason: --priority P0 --reason "why it cannot wait".',
      ],
    });
  });

  test('needs one more approver only where a freeze is near', () => {
    expect(throughFreezeWindow([window])).toBe(
      'one more approver: this hotfix may pass the freeze window "the weekend"',
    );
    expect(throughFreezeWindow([])).toBeNull();
    expect(throughFreezeWindow(undefined)).toBeNull();
  });
});
