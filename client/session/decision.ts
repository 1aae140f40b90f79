import { randomBytes } from 'node:crypto';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { subjectOf } from '../../domain/approval/approval.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { Decision } from '../../domain/config/config.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { phaseOf } from '../../domain/deploy/snapshot.ts';
import type { Place, DeploySnapshot } from './read-deploy.ts';
import { short } from '../../domain/messages/parts/format.ts';

export type Verb = 'approve' | 'reject' | 'keep';
const open = ['approval', 'decision', 'awaiting-rollback-approval', 'unknown'];
/** Returns true if the release is live and people must decide whether it stays. */
export const asksToKeep = (phase: string) =>
  phase === 'decision' || phase === 'awaiting-rollback-approval';

/**
 * Returns the plan that waits for a decision. Computes the digest of the plan again. Throws a
 * UserError in these cases. Exit 8: no plan exists yet. Exit 6: another commit than `sha` waits.
 * Exit 3: the plan expired. Exit 4: no decision is open, the verb is wrong, or the memo does not
 * match its digest.
 */
export function waitingPlan(
  snapshot: DeploySnapshot,
  { sha, verb }: { sha?: string | undefined; verb?: Verb },
  now: Date,
): SealedPlan {
  const { sealed, place } = snapshot;
  const where = `${place.project} ${place.environment}`;
  if (!sealed) throw tooEarly(where, phaseOf(snapshot));
  const { sha: waiting, notAfter } = sealed.plan;
  if (sha !== undefined && !waiting.startsWith(sha)) throw anotherCommit(where, waiting, sha);
  if (!open.includes(phaseOf(snapshot))) throw tooLate(where, phaseOf(snapshot));
  const other = otherVerb(verb, phaseOf(snapshot));
  if (other) throw another(where, other);
  if (!isGenuine(sealed, place)) throw changed(where, sealed.digest);
  if (!asksToKeep(phaseOf(snapshot)) && now.getTime() > Date.parse(notAfter))
    throw expired(where, notAfter);
  return sealed;
}

/**
 * Returns the right verb if `verb` does not answer the open question. Returns null if `verb` is
 * right. A signature to deploy must not count as a signature to keep.
 */
function otherVerb(verb: Verb | undefined, phase: string): 'approve' | 'keep' | null {
  if (verb === 'approve' && asksToKeep(phase)) return 'keep';
  return verb === 'keep' && phase === 'approval' ? 'approve' : null;
}

/**
 * Returns true if the memo matches its digest and the place. Anybody with access to the namespace
 * can write a memo.
 */
const isGenuine = ({ plan, gates, digest }: SealedPlan, place: Place) =>
  plan.project === place.project &&
  plan.environment === place.environment &&
  sealDigest(plan, gates) === digest;

const unsigned = (what: string, next: string, exitCode: number) =>
  new UserError(`${what} Nothing was signed.\n${next}`, exitCode);

const tooEarly = (where: string, phase: string) =>
  unsigned(
    `The deploy of ${where} is in ${phase}: no decision is open yet.`,
    `Watch it:  ${plimsoll} watch ${where}`,
    exitCodes.running,
  );

const another = (where: string, other: 'approve' | 'keep') =>
  unsigned(
    other === 'keep'
      ? `The release of ${where} is live already. It was not proven healthy, so the question is whether it may stay.`
      : `The release of ${where} is not live yet. It waits for an approval.`,
    `See the deploy, then sign:  ${plimsoll} ${other} ${where}`,
    exitCodes.notAllowed,
  );

const anotherCommit = (where: string, waiting: string, meant: string) =>
  unsigned(
    `The deploy that waits in ${where} has commit ${short(waiting)}, not ${short(meant)}.`,
    `See the waiting commit:  ${plimsoll} status ${where}`,
    exitCodes.targetChanged,
  );

const tooLate = (where: string, phase: string) =>
  unsigned(
    `The deploy of ${where} is in ${phase}: no decision is open any more.`,
    `Roll it back at any time:  ${plimsoll} rollback ${where}`,
    exitCodes.notAllowed,
  );

const changed = (where: string, digest: string) =>
  unsigned(
    `The plan of ${where} does not match its digest ${digest.slice(0, 8)}: somebody changed it, ` +
      'or another version of Plimsoll wrote it.',
    `End the deploy, then deploy again:  ${plimsoll} abort ${where}`,
    exitCodes.notAllowed,
  );

const expired = (where: string, notAfter: string) =>
  unsigned(
    `The plan of ${where} expired at ${notAfter}.`,
    `Deploy again:  ${plimsoll} deploy ${where}`,
    exitCodes.unproven,
  );

/** Returns the decision to sign. It is valid for exactly this plan. */
export function decisionOf(
  { plan, digest }: SealedPlan,
  { verb, approver, asked, now }: { verb: Verb; approver: string; asked?: 'keep'; now: Date },
): Decision {
  const { deployId, project, environment, sha, timing } = plan;
  return {
    subject: subjectOf(plan, asked),
    subjectDigest: digest,
    deployId,
    project,
    environment,
    sha,
    decision: verb === 'reject' ? 'reject' : 'approve',
    approver,
    nonce: randomBytes(16).toString('hex'),
    notAfter: asked ? new Date(now.getTime() + timing.expireMs).toISOString() : plan.notAfter,
  };
}
