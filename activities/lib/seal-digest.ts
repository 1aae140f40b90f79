import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import { digestSubject, liftSubject, stopSubject, waiveSubject } from '../../domain/digest.ts';
import type { LiftSubject, StopSubject, WaiveSubject } from '../../domain/digest.ts';
import type { GateReport, Plan } from '../../domain/plan.ts';

/** What an approval signs: SHA-256 over canonicalJson(digestSubject(plan, gates)), hex. */
export const sealDigest = (plan: Plan, gates: GateReport[]): string =>
  sha256(digestSubject(plan, gates));

/** What a lift signs: SHA-256 over canonicalJson(liftSubject(subject)), hex. */
export const liftDigest = (subject: LiftSubject): string => sha256(liftSubject(subject));

/** What a waiver signs: SHA-256 over canonicalJson(waiveSubject(subject)), hex. */
export const waiveDigest = (subject: WaiveSubject): string => sha256(waiveSubject(subject));

/** What a stop or its lift signs: SHA-256 over canonicalJson(stopSubject(subject)), hex. */
export const stopDigest = (subject: StopSubject): string => sha256(stopSubject(subject));

const sha256 = (value: unknown) => createHash('sha256').update(canonicalJson(value)).digest('hex');
