import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inDollars, microsOf } from '../../../domain/lib/money.ts';

test.each([
  [0, '$0.00'],
  [1, '$0.000001'],
  [2500, '$0.0025'],
  [9_900, '$0.0099'],
  [10_000, '$0.01'],
  [3_400_000, '$3.40'],
  [3_409_999, '$3.40'],
  [1_234_500_000, '$1,234.50'],
])('%d micro-dollars are %s', (micros, text) => expect(inDollars(micros)).toBe(text));

test('ten times ten cents are a dollar', () => {
  const dimes = Array.from({ length: 10 }, () => microsOf(0.1));
  expect(dimes.reduce((sum, one) => sum + one, 0)).toBe(microsOf(1));
});

test('what costs anything is never nothing, and what was written comes back', () => {
  expect(microsOf(0.000_000_2)).toBe(1);
  const micros = fc.integer({ min: 0, max: 2_000_000_000_000 });
  fc.assert(fc.property(micros, (whole) => microsOf(whole / 1e6) === whole));
});
