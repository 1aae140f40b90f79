import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowIsOver } from '../../../domain/policy/watch-end.ts';

const minute = 60_000;
const clock = {
  startedAt: 0,
  now: 30 * minute,
  windowMs: 30 * minute,
  plannedLooks: 180,
  looks: 180,
};

test.each([
  ['all looks, window over', {}, true],
  ['all looks, window not over', { now: 30 * minute - 1 }, false],
  ['four fifths of the looks are enough', { looks: 144 }, true],
  ['late looks extend the window', { looks: 143 }, false],
  ['even when there are none', { looks: 0 }, false],
  ['but to four windows at the most', { looks: 0, now: 120 * minute }, true],
])('%s', (_, changes, over) => {
  expect(windowIsOver({ ...clock, ...changes })).toBe(over);
});

test('never over before the window, always over after four', () => {
  const over = (looks: number, now: number) => windowIsOver({ ...clock, looks, now });
  const early = fc.property(
    fc.nat(500),
    fc.nat(clock.windowMs - 1),
    (looks, now) => !over(looks, now),
  );
  const late = fc.property(fc.nat(500), fc.nat(clock.windowMs), (looks, now) =>
    over(looks, 4 * clock.windowMs + now),
  );
  expect(() => {
    fc.assert(early);
    fc.assert(late);
  }).not.toThrow();
});
