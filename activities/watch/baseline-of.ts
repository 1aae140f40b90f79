import type { Baseline } from '../../domain/plan.ts';
import { dispersion } from '../../domain/policy/judge/dispersion.ts';
import type { LogBucket } from './host-log.ts';

export const bucketSeconds = 300;
/** A watch window of 30 min in buckets. */
const group = 6;

/** `hosts`: each one's buckets by age. Quiet buckets since a host's first line were observed all the same. */
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
  return { errors, requests, ...dispersion(inOrder, { group }) };
}
