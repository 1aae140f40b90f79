/**
 * The names of ApplicationFailure types. `final` ones are never retried and decide the saga by themselves;
 * anything else is transient, retried by Temporal, and leaves the step stuck when its retries are exhausted.
 */
export const failures = {
  /** The request itself is wrong: unknown project, bad ref, bad signature, replayed nonce. Nothing was touched. */
  refused: 'Refused',
  /** A gate closed after it was open. Nothing was touched. */
  gateClosed: 'GateClosed',
  /** The worker's configuration cannot do this: missing token, unreadable key, ledger full. */
  misconfigured: 'Misconfigured',
  /** The platform answered no: wrong host key, no permission, no such unit. */
  rejectedByPlatform: 'RejectedByPlatform',
  /** The release did not start or never became healthy: the release is to blame. */
  unhealthyRelease: 'UnhealthyRelease',
  /** The effect may or may not have happened; the retry looks before it acts. */
  unknownOutcome: 'UnknownOutcome',
  /** The outside world did not answer; retried. */
  unavailable: 'Unavailable',
  /** A merge conflict or a refused push: a person must act. */
  needsPerson: 'NeedsPerson',
} as const;

export const finalFailures: readonly string[] = [
  failures.refused,
  failures.gateClosed,
  failures.misconfigured,
  failures.rejectedByPlatform,
  failures.unhealthyRelease,
  failures.needsPerson,
];
