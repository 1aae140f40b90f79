import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical.ts';
import { digestSubject } from '../domain/digest.ts';
import type { GateReport, Plan } from '../domain/plan.ts';

/** Computed here, never taken from the memo: what the person sees is what the person signs. */
export const sealDigest = (plan: Plan, gates: GateReport[]): string =>
  createHash('sha256')
    .update(canonicalJson(digestSubject(plan, gates)))
    .digest('hex');
