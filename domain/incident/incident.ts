import type { Cause, Outcome, Plan, Release } from '../deploy/plan.ts';

export { diagnose } from './diagnose.ts';

export type Severity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4';

const blaming: ReadonlySet<Cause['kind']> = new Set([
  'start-up',
  'smoke',
  'watch',
  'inconclusive',
  'flag',
  'rollback',
]);

const seenByUsers: ReadonlySet<Cause['kind']> = new Set(['watch', 'flag', 'rollback']);

/**
 * Returns true if the release is to blame. This is so if Plimsoll observed a fault of the release
 * itself, or if a person ordered a rollback with blame. An abort, a lost host or an error of the
 * platform does not count.
 */
export const blamesRelease = ({ kind, blames }: Cause): boolean =>
  blames === 'release' && blaming.has(kind);

/**
 * Returns the severity of the incident; null: no incident.
 *
 * - SEV1: the rollback failed, did not help, or was not approved.
 * - SEV2: users met a bad release, and the release was rolled back.
 * - SEV3: any other automatic rollback, or an unproven release.
 * - SEV4: a person ordered the rollback.
 */
export function severity(cause: Cause, outcome: Outcome): Severity | null {
  if (outcome === 'rolled-back-still-failing') return 'SEV1';
  if (outcome === 'rollback-failed' || outcome === 'rollback-not-approved') return 'SEV1';
  if (outcome === 'unproven') return 'SEV3';
  if (outcome !== 'rolled-back') return null;
  if (cause.blames === 'person') return 'SEV4';
  return blamesRelease(cause) && seenByUsers.has(cause.kind) ? 'SEV2' : 'SEV3';
}

export type RevertFacts = {
  cause: Cause;
  ownsBranch: boolean;
  rolledBackTo: Release | null;
  shipped: Release;
  revert: Plan['revert'];
};

/**
 * Decides whether the branch is reverted to the files of the rollback target, and whether the
 * release is quarantined. `why` is the reason.
 */
export function shouldRevert({ cause, ownsBranch, rolledBackTo, shipped, revert }: RevertFacts): {
  revert: boolean;
  quarantine: boolean;
  why: string;
} {
  const no = (why: string, quarantine = false) => ({ revert: false, quarantine, why });
  if (!blamesRelease(cause))
    return no(`not reverted: the release is not to blame (${cause.kind}: ${cause.detail})`);
  if (!ownsBranch) return no('not reverted: another environment decides about the branch');
  if (rolledBackTo === null) return no('not reverted: there is no rollback target', true);
  if (rolledBackTo.sha === shipped.sha)
    return no('not reverted: the rollback target has the same commit', true);
  if (revert === 'off')
    return no('not reverted: revert is off in plimsoll.yaml; a person must revert', true);
  return { revert: true, quarantine: true, why: `the release is to blame (${cause.kind})` };
}

/**
 * Returns the severity of the incident, and decides about the revert of the branch and the
 * quarantine of the release. The branch is reverted only after a proven rollback.
 */
export function consequences({
  plan,
  rolledBackTo,
  cause,
  outcome,
}: {
  plan: Plan;
  rolledBackTo: Release | null;
  cause: Cause;
  outcome: Outcome;
}): { severity: Severity; revert: boolean; quarantine: boolean; why: string } {
  const { ownsBranch, release: shipped, revert } = plan;
  const wanted = shouldRevert({ cause, ownsBranch, rolledBackTo, shipped, revert });
  const level = severity(cause, outcome) ?? 'SEV4';
  if (outcome === 'rollback-not-approved') {
    const why = 'not reverted: the release is still live';
    return { severity: level, quarantine: false, revert: false, why };
  }
  if (outcome === 'rolled-back-still-failing') {
    const why =
      'not reverted: the rollback target fails as well, so a person must decide about the branch';
    return { severity: level, quarantine: wanted.quarantine, revert: false, why };
  }
  if (outcome !== 'rollback-failed') return { ...wanted, severity: level };
  const why = 'not reverted: the rollback failed, so a person must decide';
  return { severity: level, quarantine: wanted.quarantine, revert: false, why };
}

/**
 * Returns true if the issues of the rolled back commits must be reopened, even if the branch is not
 * reverted.
 */
export const reopensIssues = (input: Parameters<typeof consequences>[0]): boolean =>
  consequences(input).quarantine &&
  (input.outcome === 'rolled-back' || input.outcome === 'rolled-back-still-failing') &&
  input.rolledBackTo !== null &&
  input.rolledBackTo.sha !== input.plan.sha;

/**
 * Returns the ledger body of a quarantine: the commit and the release that must not be deployed
 * again. If the rollback target has the same commit, only the release is quarantined. `first`:
 * there was no rollback target, so a fix must be a later commit on top of this commit.
 */
export function quarantineBody(plan: Plan, rolledBackTo: Release | null, why: string) {
  const { sha, release } = plan;
  if (rolledBackTo === null) return { sha, release, why, first: true };
  return rolledBackTo.sha === sha ? { release, why } : { sha, release, why };
}
