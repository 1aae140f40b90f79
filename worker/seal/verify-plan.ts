import { readVouched } from '../../activities/authority/warrant.ts';
import { readPublicSealKey } from '../../activities/lib/seal-key.ts';
import { createSealVerifier } from '../../activities/lib/seals.ts';
import type { SealVerifier } from '../../activities/lib/seals.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { KnownKeys } from './known-keys.ts';

/**
 * Returns null if a worker with one of these keys sealed exactly this plan and this digest. Else
 * returns the reason why this is not true.
 */
export function whyNotSealed({ keys, from }: KnownKeys, sealed: SealedPlan): string | null {
  const publicKeys = keys.map(readPublicSealKey).filter((key) => key !== null);
  return whyNotSealedBy(createSealVerifier(publicKeys, from), sealed);
}

/** Works like `whyNotSealed`, but uses the keys of a verifier. */
export function whyNotSealedBy(seals: SealVerifier, { plan, digest }: SealedPlan): string | null {
  const read = readVouched(seals, plan);
  if ('why' in read) return read.why;
  return read.warrant.digest === digest ? null : 'its digest is not the one that a worker sealed';
}
