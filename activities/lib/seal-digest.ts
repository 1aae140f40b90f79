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
 * The digest that an approval signs: SHA-256 over canonicalJson(digestSubject(plan, gates)), hex.
 */
export const sealDigest = (plan: Plan, gates: GateReport[]): string =>
  sha256(digestSubject(plan, gates));

/** The digest that a lift signs: SHA-256 over canonicalJson(liftSubject(subject)), hex. */
export const liftDigest = (subject: LiftSubject): string => sha256(liftSubject(subject));

/** The digest that a waiver signs: SHA-256 over canonicalJson(waiveSubject(subject)), hex. */
export const waiveDigest = (subject: WaiveSubject): string => sha256(waiveSubject(subject));

/**
 * The digest that a stop and its lift sign: SHA-256 over canonicalJson(stopSubject(subject)), hex.
 */
export const stopDigest = (subject: StopSubject): string => sha256(stopSubject(subject));

const sha256 = (value: unknown) => createHash('sha256').update(canonicalJson(value)).digest('hex');
