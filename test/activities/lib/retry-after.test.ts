import { describe, expect, test } from 'vitest';
import { retryAfterMs, retryAfterSeconds } from '../../../activities/lib/retry-after.ts';

const now = Date.parse('2027-01-01T00:00:00Z');
const hour = 60 * 60_000;
const of = (headers: Record<string, string>) => (name: string) => headers[name] ?? null;

describe('how long an answer asks us to wait', () => {
  test.each([
    ['seconds', { 'retry-after': '7' }, {}, 7000],
    ['an HTTP date', { 'retry-after': 'Fri, 01 Jan 2027 00:00:20 GMT' }, {}, 20_000],
    ['a day is cut to an hour', { 'retry-after': '86400' }, {}, hour],
    ['a date that is past', { 'retry-after': 'Thu, 31 Dec 2026 00:00:00 GMT' }, {}, 1000],
    ['zero names no time', { 'retry-after': '0' }, {}, 60_000],
    ['nonsense names no time', { 'retry-after': 'soon' }, { usualMs: 30_000 }, 30_000],
    ['none at all', {}, {}, 60_000],
    ['a reset to go', { 'x-ratelimit-reset': '12' }, { reset: 'to go' }, 12_000],
    ['a reset of 0 s is still ahead', { 'x-ratelimit-reset': '0' }, { reset: 'to go' }, 1000],
    [
      'an epoch reset',
      { 'x-ratelimit-reset': String(now / 1000 + 90) },
      { reset: 'epoch' },
      90_000,
    ],
    ['an epoch reset a year away', { 'x-ratelimit-reset': '1900000000' }, { reset: 'epoch' }, hour],
    ['a reset of which nobody said what it counts', { 'x-ratelimit-reset': '12' }, {}, 60_000],
    [
      'retry-after before the reset',
      { 'retry-after': '3', 'x-ratelimit-reset': '9' },
      { reset: 'to go' },
      3000,
    ],
  ] as const)('%s', (_, headers, options, ms) => {
    expect(retryAfterMs(of(headers), { ...options, now })).toBe(ms);
  });

  test('a client that read the header itself has the same cap', () => {
    expect(
      [undefined, 5, 100_000].map((one) => retryAfterSeconds(one, { usualMs: 30_000 })),
    ).toEqual([30_000, 5000, hour]);
  });
});
