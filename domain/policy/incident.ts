import type { Cause, Outcome, Plan, Release } from '../plan.ts';

export { diagnose } from './diagnose.ts';

export type Severity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4';

const blaming: ReadonlySet<Cause['kind']> = new Set(['start-up', 'smoke', 'watch', 'ask', 'flag']);

const seenByUsers: ReadonlySet<Cause['kind']> = new Set(['watch', 'flag']);

/**
 * Only what was seen of the release itself blames it: not an abort, a lost host or a platform's
 * error.
 */
export const blamesRelease = ({ kind, blames }: Cause): boolean =>
  blames === 'release' && blaming.has(kind);

/**
 * SEV1: production may be neither old nor new, or failed and stays. SEV2: users met a bad release. SEV3: it was caught
 * early, the platform failed, or nobody knows. SEV4: a person went back. null: no incident, nothing
 * happened.
 */
export function severity(cause: Cause, outcome: Outcome): Severity | null {
  if (outcome === 'restore-failed' || outcome === 'frozen') return 'SEV1';
  if (outcome === 'unproven') return 'SEV3';
  if (outcome !== 'rolled-back') return null;
  if (cause.blames === 'person') return 'SEV4';
  return blamesRelease(cause) && seenByUsers.has(cause.kind) ? 'SEV2' : 'SEV3';
}

export type RevertFacts = {
  cause: Cause;
  ownsBranch: boolean;
  restored: Release | null;
  shipped: Release;
  revert: Plan['revert'];
};

/**
 * Whether the branch is taken back to the restored tree, whether the release may come again, and
 * why.
 */
export function shouldRevert({ cause, ownsBranch, restored, shipped, revert }: RevertFacts): {
  revert: boolean;
  quarantine: boolean;
  why: string;
} {
  const no = (why: string, quarantine = false) => ({ revert: false, quarantine, why });
  if (!blamesRelease(cause))
    return no(`not reverted: the release is not to blame (${cause.kind}: ${cause.detail})`);
  if (!ownsBranch) return no('not reverted: another environment decides about the branch');
  if (restored === null) return no('not reverted: there is no release to go back to', true);
  if (restored.sha === shipped.sha)
    return no('not reverted: the restored release is of the same commit', true);
  if (revert === 'off')
    return no('not reverted: revert is off in plimsoll.yaml; a person must revert', true);
  return { revert: true, quarantine: true, why: `${cause.kind} blames the release` };
}

/** All that follows a way back. The branch follows only a restore that was proven. */
export function consequences({
  plan,
  restored,
  cause,
  outcome,
}: {
  plan: Plan;
  restored: Release | null;
  cause: Cause;
  outcome: Outcome;
}): { severity: Severity; revert: boolean; quarantine: boolean; why: string } {
  const { ownsBranch, release: shipped, revert } = plan;
  const wanted = shouldRevert({ cause, ownsBranch, restored, shipped, revert });
  const level = severity(cause, outcome) ?? 'SEV4';
  if (outcome === 'frozen') {
    const why = 'not reverted: production serves it still';
    return { severity: level, quarantine: false, revert: false, why };
  }
  if (outcome !== 'restore-failed') return { ...wanted, severity: level };
  const why = 'not reverted: the restore failed, a person decides';
  return { severity: level, quarantine: wanted.quarantine, revert: false, why };
}

/** Were issues closed for what is no longer served? Whatever became of the branch. */
export const reopensIssues = (input: Parameters<typeof consequences>[0]): boolean =>
  consequences(input).quarantine &&
  input.outcome === 'rolled-back' &&
  input.restored !== null &&
  input.restored.sha !== input.plan.sha;

/**
 * What may not ship again; without `sha` the release id alone, since its commit is what was restored. `first`:
 * there was nothing to go back to, so what mends it can only be built upon it.
 */
export function quarantineBody(plan: Plan, restored: Release | null, why: string) {
  const { sha, release } = plan;
  if (restored === null) return { sha, release, why, first: true };
  return restored.sha === sha ? { release, why } : { sha, release, why };
}
