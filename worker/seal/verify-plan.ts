import { readVouched } from '../../activities/authority/warrant.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { readPublicSealKey } from '../../activities/lib/seal-key.ts';
import { createSealVerifier } from '../../activities/lib/seals.ts';
import type { SealVerifier } from '../../activities/lib/seals.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { KnownKeys } from './known-keys.ts';

/** The purpose of a seal. 'plan' means the plan of the command `plan`, which nobody can approve. */
type Purpose = 'deploy' | 'plan';

/**
 * Returns null if a worker with one of these keys sealed exactly this plan and this digest.
 * Otherwise, returns the reason why the seal is not valid.
 */
export function whyNotSealed(
  { keys, from }: KnownKeys,
  sealed: SealedPlan,
  purpose: Purpose = 'deploy',
): string | null {
  const publicKeys = keys.map(readPublicSealKey).filter((key) => key !== null);
  return whyNotSealedBy(createSealVerifier(publicKeys, from), sealed, purpose);
}

/** Works like `whyNotSealed`, but uses the keys of a verifier. */
export function whyNotSealedBy(
  seals: SealVerifier,
  { plan, gates, digest }: SealedPlan,
  purpose: Purpose = 'deploy',
): string | null {
  const read = readVouched(seals, plan);
  if ('why' in read) return read.why;
  if (read.warrant.purpose !== purpose) return 'a worker sealed it for another purpose';
  if (read.warrant.digest !== digest) return 'its digest is not the digest that a worker sealed';
  return sealDigest(plan, gates) === digest ? null : 'its facts do not match its digest';
}
