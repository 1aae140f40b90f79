/**
 * Types of ApplicationFailure. A final failure is never retried, and its type decides the next step
 * of the saga. Temporal retries every other failure. After the last retry, the step is stuck.
 */
export const failures = {
  /**
   * The request is wrong, for example because of an unknown project, a bad ref, a bad signature or
   * a used nonce. Nothing was touched.
   */
  refused: 'Refused',
  /** A gate was open, but closed before the first effect. Nothing was touched. */
  gateClosed: 'GateClosed',
  /**
   * The worker's configuration does not allow the step, for example because of a missing token, an
   * unreadable key or a full ledger.
   */
  misconfigured: 'Misconfigured',
  /**
   * The platform refused the step, for example because of a wrong host key, a missing permission or
   * a missing unit.
   */
  rejectedByPlatform: 'RejectedByPlatform',
  /** The release did not start, or never became healthy. The cause is the release itself. */
  unhealthyRelease: 'UnhealthyRelease',
  /** The rollback target is live, but not healthy. Another rollback would change nothing. */
  unhealthyRollback: 'UnhealthyRollback',
  /** Nobody knows whether the effect happened. The retry reads the state before it acts. */
  unknownOutcome: 'UnknownOutcome',
  /** A service, such as a platform or git, did not answer. Temporal retries the step. */
  unavailable: 'Unavailable',
  /** A person must act, because of a merge conflict or a refused push. */
  needsPerson: 'NeedsPerson',
  /**
   * The deploy has ended, so its workflow may change nothing more. This failure happens after a
   * reset of the workflow.
   */
  ended: 'DeployEnded',
} as const;

export const finalFailures: readonly string[] = [
  failures.refused,
  failures.gateClosed,
  failures.misconfigured,
  failures.rejectedByPlatform,
  failures.unhealthyRelease,
  failures.unhealthyRollback,
  failures.needsPerson,
  failures.ended,
];
