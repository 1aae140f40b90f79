import type { Baseline, UnreadLines } from '../../domain/deploy/plan.ts';
import { dispersion } from '../../domain/watch/judge/dispersion.ts';

/**
 * The counts of one log bucket, which covers 5 minutes. `age` 0 is the newest bucket. A bucket
 * without lines has no entry.
 */
export type LogBucket = {
  age: number;
  errors: number;
  requests: number;
  lines: number;
  /** The number of unreadable lines. Default: 0. */
  unread?: number;
};

/**
 * Returns the unreadable lines and all lines of all buckets, or undefined if every line was read.
 */
export function unreadOf(buckets: readonly LogBucket[]): UnreadLines | undefined {
  const unread = buckets.reduce((sum, bucket) => sum + (bucket.unread ?? 0), 0);
  return unread > 0 ? [unread, buckets.reduce((sum, { lines }) => sum + lines, 0)] : undefined;
}

export const bucketSeconds = 300;
/** The number of buckets in a watch window of 30 min. */
const group = 6;

/**
 * Adds up the buckets of all hosts to one baseline. Returns null if there were no requests. If
 * `bySeconds` is true, the baseline counts seconds instead of requests. Then each host counts 300
 * seconds for every bucket since the host's first line, including buckets without lines.
 */
export function baselineOf(hosts: readonly LogBucket[][], bySeconds: boolean): Baseline | null {
  const oldest = Math.max(...hosts.flat().map(({ age }) => age));
  if (!Number.isFinite(oldest)) return null;
  const buckets = Array.from({ length: oldest + 1 }, () => ({ errors: 0, requests: 0 }));
  for (const host of hosts) {
    const first = Math.max(...host.map(({ age }) => age));
    if (bySeconds)
      for (let age = 0; age <= first; age += 1) buckets[age]!.requests += bucketSeconds;
    for (const { age, errors, requests } of host) {
      buckets[age]!.errors += errors;
      if (!bySeconds) buckets[age]!.requests += requests;
    }
  }
  const inOrder = buckets.toReversed();
  const errors = inOrder.reduce((sum, bucket) => sum + bucket.errors, 0);
  const requests = inOrder.reduce((sum, bucket) => sum + bucket.requests, 0);
  if (requests === 0) return null;
  const unread = unreadOf(hosts.flat());
  return { errors, requests, ...dispersion(inOrder, { group }), ...(unread ? { unread } : {}) };
}
