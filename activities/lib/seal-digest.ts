import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import { digestSubject } from '../../domain/digest.ts';
import type { GateReport, Plan } from '../../domain/plan.ts';

/** What an approval signs: SHA-256 over canonicalJson(digestSubject(plan, gates)), hex. */
export const sealDigest = (plan: Plan, gates: GateReport[]): string =>
  createHash('sha256')
    .update(canonicalJson(digestSubject(plan, gates)))
    .digest('hex');
