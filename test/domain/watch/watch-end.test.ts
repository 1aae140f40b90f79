import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowIsOver } from '../../../domain/watch/watch-end.ts';

const minute = 60_000;
const every = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    at: from + index * 10_000,
    probe: 0 as const,
    log: null,
  }));
const clock = {
  startedAt: 0,
  now: 30 * minute,
  windowMs: 30 * minute,
  plannedSamples: 180,
  samples: every(180),
};
/** Returns samples whose error counts are `minutes` minutes old. */
const late = (minutes: number, upTo = 30) =>
  every(Math.round(upTo * 6)).map((sample) => ({
    ...sample,
    log: [0, 1] as [number, number],
    lag: minutes * minute,
  }));
const blinded = (sample: ReturnType<typeof late>[number]) => ({ ...sample, log: null });
const interrupted = [...every(20), ...every(150, 40 * minute)];

test.each([
  ['all looks, window over', {}, true],
  ['all looks, window not over', { now: 30 * minute - 1 }, false],
  ['four fifths of the looks are enough', { samples: every(144) }, true],
  ['late looks extend the window', { samples: every(143) }, false],
  ['even when there are none', { samples: [] }, false],
  ['but to four windows at the most', { samples: [], now: 120 * minute }, true],
  [
    'nobody looked for more than half of the time',
    { samples: interrupted, now: 65 * minute },
    false,
  ],
  [
    'until that is less than half',
    { samples: [...every(20), ...every(270, 40 * minute)], now: 85 * minute },
    true,
  ],
  ['numbers that do not reach the end yet are waited for', { samples: late(4) }, false],
  ['until they do', { samples: late(4, 34.1), now: 34.1 * minute }, true],
  ['for half a window at the most', { samples: late(20, 45), now: 45 * minute }, true],
  ['a source without data is not waited for', { samples: late(4).map(blinded) }, true],
])('%s', (_, changes, over) => {
  expect(windowIsOver({ ...clock, ...changes })).toBe(over);
});

test('never over before the window, always over after four', () => {
  const over = (samples: number, now: number) =>
    windowIsOver({ ...clock, samples: every(samples), now });
  const early = fc.property(
    fc.nat(500),
    fc.nat(clock.windowMs - 1),
    (samples, now) => !over(samples, now),
  );
  const late = fc.property(fc.nat(500), fc.nat(clock.windowMs), (samples, now) =>
    over(samples, 4 * clock.windowMs + now),
  );
  expect(() => {
    fc.assert(early);
    fc.assert(late);
  }).not.toThrow();
});
