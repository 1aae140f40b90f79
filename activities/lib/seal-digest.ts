import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import {
  digestSubject,
  liftSubject,
  stopSubject,
  waiveSubject,
} from '../../domain/deploy/digest.ts';
import type { LiftSubject, StopSubject, WaiveSubject } from '../../domain/deploy/digest.ts';
import type { GateReport, Plan } from '../../domain/deploy/plan.ts';

/**
 * Returns the digest that an approval signs: SHA-256 over canonicalJson(digestSubject(plan,
 * gates)), in hex.
 */
export const sealDigest = (plan: Plan, gates: GateReport[]): string =>
  sha256(digestSubject(plan, gates));

/**
 * Returns the digest that a lift signs: SHA-256 over canonicalJson(liftSubject(subject)), in hex.
 */
export const liftDigest = (subject: LiftSubject): string => sha256(liftSubject(subject));

/**
 * Returns the digest that a waiver signs: SHA-256 over canonicalJson(waiveSubject(subject)), in
 * hex.
 */
export const waiveDigest = (subject: WaiveSubject): string => sha256(waiveSubject(subject));

/**
 * Returns the digest that a stop and its lift sign: SHA-256 over
 * canonicalJson(stopSubject(subject)), in hex.
 */
export const stopDigest = (subject: StopSubject): string => sha256(stopSubject(subject));

const sha256 = (value: unknown) => createHash('sha256').update(canonicalJson(value)).digest('hex');
