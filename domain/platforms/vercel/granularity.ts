const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export type Granularity = { minutes: number } | { hours: number } | { days: number };

/**
 * The smallest buckets that Vercel's own CLI requests, by the length of the time range (vercel CLI,
 * packages/cli/src/commands/metrics/time-utils.ts). Vercel may refuse smaller buckets.
 */
const smallest: readonly (readonly [longestMs: number, Granularity])[] = [
  [hourMs, { minutes: 1 }],
  [12 * hourMs, { minutes: 5 }],
  [3 * dayMs, { hours: 1 }],
  [30 * dayMs, { hours: 4 }],
];

/** Returns the smallest bucket that Vercel's metrics accept for a time range of `rangeMs`. */
export const granularityFor = (rangeMs: number): Granularity =>
  smallest.find(([longestMs]) => rangeMs <= longestMs)?.[1] ?? { days: 1 };
