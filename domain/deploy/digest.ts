import type { GateReport, Plan } from './plan.ts';

/**
 * Returns the content that an approval signs: the whole plan and the whole reports of its gates, as
 * they were sealed. Every screen shows a part of them, so a stranger who changes any text or number
 * in the memo changes the digest.
 *
 * The digest does not cover the warrant, because the warrant contains the digest.
 *
 * Measured values are signed too, because approvers decide by them. A plan is measured only once,
 * before it is sealed. If the gates run again later, the sealed reports stay, and only the open
 * gates and the waivers of both reports are compared. So an approval stays valid.
 */
export function digestSubject({ warrant: _, ...plan }: Plan, gates: GateReport[]): unknown {
  return { v: 2, plan, gates };
}

/** Returns the content that a lift signs: the quarantine, its commit, and the reason. */
export const liftSubject = ({ deployId, project, environment, sha, reason }: LiftSubject) => ({
  v: 1,
  subject: 'lift',
  deployId,
  project,
  environment,
  sha,
  reason,
});

/**
 * Returns the content that a waiver signs: the finding, the project and environment, the reason and
 * the last day.
 */
export const waiveSubject = ({ project, environment, finding, reason, until }: WaiveSubject) => ({
  v: 1,
  subject: 'waive',
  project,
  environment,
  finding,
  reason,
  until,
});

/**
 * Returns the content that a person signs to stop the line or to resume it. To resume, the field
 * `stop` is the key of the ledger entry that stopped the line. To stop, the field is empty.
 */
export const stopSubject = ({ subject, stop, reason }: StopSubject) => ({
  v: 1,
  subject,
  stop,
  reason,
});

export type StopSubject = { subject: 'stop' | 'resume'; stop: string; reason: string };

export type WaiveSubject = {
  project: string;
  environment: string;
  finding: string;
  reason: string;
  until: string;
};

export type LiftSubject = {
  /** The deploy that failed and caused the quarantine. */
  deployId: string;
  project: string;
  environment: string;
  sha: string;
  reason: string;
};
