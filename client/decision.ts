import { randomBytes } from 'node:crypto';
import { plimsoll } from '../domain/messages.ts';
import { subjectOf } from '../domain/policy/approval.ts';
import type { SealedPlan } from '../domain/plan.ts';
import type { Decision } from '../domain/schema.ts';
import { sealDigest } from '../activities/lib/seal-digest.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Place, Seen } from './read-deploy.ts';
import { short } from './words.ts';

export type Verb = 'approve' | 'reject' | 'keep';
const open = ['approval', 'ask', 'frozen', 'unknown'];
/** It is live: whether it stays is asked, for as long as a signature made now counts. */
export const asksToKeep = (phase: string) => phase === 'ask' || phase === 'frozen';

/**
 * The plan that waits for a decision, its digest recomputed here. UserError: nothing waits (8), past it (4),
 * another commit than `sha` (6), too late (3), or a memo that does not match its digest (4).
 */
export function waitingPlan(
  seen: Seen,
  { sha, verb }: { sha?: string | undefined; verb?: Verb },
  now: Date,
): SealedPlan {
  const { sealed, place } = seen;
  const where = `${place.project} ${place.environment}`;
  if (!sealed) throw tooEarly(where, phaseOf(seen));
  const { sha: waiting, notAfter } = sealed.plan;
  if (sha !== undefined && !waiting.startsWith(sha)) throw anotherCommit(where, waiting, sha);
  if (!open.includes(phaseOf(seen))) throw tooLate(where, phaseOf(seen));
  const other = otherVerb(verb, phaseOf(seen));
  if (other) throw another(where, other);
  if (!isGenuine(sealed, place)) throw changed(where, sealed.digest);
  if (!asksToKeep(phaseOf(seen)) && now.getTime() > Date.parse(notAfter))
    throw expired(where, notAfter);
  return sealed;
}

/** A ship that is asked, and a keep: whoever signs one of them must not have signed the other. */
function otherVerb(verb: Verb | undefined, phase: string): 'approve' | 'keep' | null {
  if (verb === 'approve' && asksToKeep(phase)) return 'keep';
  return verb === 'keep' && phase === 'approval' ? 'approve' : null;
}

/** The memo can be written by anybody with access to the namespace. */
const isGenuine = ({ plan, gates, digest }: SealedPlan, place: Place) =>
  plan.project === place.project &&
  plan.environment === place.environment &&
  sealDigest(plan, gates) === digest;

const unsigned = (what: string, next: string, exitCode: number) =>
  new UserError(`${what} Nothing was signed.\n${next}`, exitCode);

const tooEarly = (where: string, phase: string) =>
  unsigned(
    `${where} is not waiting for a decision yet: it is in ${phase}.`,
    `Watch it:  ${plimsoll} watch ${where}`,
    exitCodes.running,
  );

const another = (where: string, other: 'approve' | 'keep') =>
  unsigned(
    other === 'keep'
      ? `${where} is live already, and asks whether it may stay although nobody could prove it healthy.`
      : `${where} waits for an approval to ship, it is not live yet.`,
    `Look at it, then sign that:  ${plimsoll} ${other} ${where}`,
    exitCodes.notAllowed,
  );

const anotherCommit = (where: string, waiting: string, meant: string) =>
  unsigned(
    `${where} waits with ${short(waiting)}, not with ${short(meant)}.`,
    `See what it is:  ${plimsoll} status ${where}`,
    exitCodes.targetChanged,
  );

const tooLate = (where: string, phase: string) =>
  unsigned(
    `${where} is in ${phase}: no decision is asked any more.`,
    `Take it back at any time:  ${plimsoll} rollback ${where}`,
    exitCodes.notAllowed,
  );

const changed = (where: string, digest: string) =>
  unsigned(
    `The plan of ${where} does not match its digest ${digest.slice(0, 8)}: somebody changed it, ` +
      'or another version of Plimsoll wrote it.',
    `End it, and deploy again:  ${plimsoll} abort ${where}`,
    exitCodes.notAllowed,
  );

const expired = (where: string, notAfter: string) =>
  unsigned(
    `The plan of ${where} expired at ${notAfter}.`,
    `Deploy again:  ${plimsoll} deploy ${where}`,
    exitCodes.unproven,
  );

export const phaseOf = ({ status, phase }: Pick<Seen, 'status' | 'phase'>) =>
  status?.phase ?? phase ?? 'unknown';

/** What is signed, for exactly this plan and no other. */
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
