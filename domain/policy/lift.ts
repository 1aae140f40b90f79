import type { Judgement, SignatureResult } from './approval.ts';
import type { Decision } from '../schema.ts';

export type LiftCase = {
  decision: Decision;
  signature: SignatureResult;
  /** The digest of what the decision names together with the reason that was sent. */
  digest: string;
  /** The newest standing quarantine of exactly this commit in this environment; null = there is none. */
  quarantine: { deployId: string | null } | null;
  /** Its nonce was ruled on before. */
  used: boolean;
  /** ISO time. */
  now: string;
  people: { approvers: readonly string[]; requesters: readonly string[] };
  /** One human alone with a touch key: a lift needs the touch as well. */
  needsTouch: boolean;
};

/** How long a signed lift may count, and by how much clocks may differ. */
export const liftLifeMs = 10 * 60_000;
const clockSkewMs = 2 * 60_000;

/** Does this lift count, and if not, why. The first reason that holds is the one that is told. */
export function judgeLift(it: LiftCase): Judgement {
  const { decision, signature, people } = it;
  const genuine = signature.ok && people.approvers.includes(decision.approver);
  const touch = signature.ok && signature.touch;
  const why = wrongPerson(it) ?? wrongSignature(it) ?? replayed(it) ?? wrongSubject(it) ?? late(it);
  if (why) return { verdict: 'void', why, touch, genuine };
  const where = `${decision.project} ${decision.environment}`;
  const counts = `${decision.approver} lifts the quarantine of ${short(decision.sha)} in ${where}`;
  return { verdict: 'counted', why: counts, touch, genuine };
}

function wrongPerson({ decision: { approver }, people }: LiftCase): string | null {
  if (people.requesters.includes(approver))
    return `${approver} is an agent: it may request, never lift a quarantine`;
  return people.approvers.includes(approver) ? null : `${approver} is not a configured approver`;
}

function wrongSignature({ signature, decision, needsTouch }: LiftCase): string | null {
  if (!signature.ok) return `the signature is not ${decision.approver}'s: ${signature.why}`;
  return needsTouch && !signature.touch
    ? 'solo mode needs a touch: sign with the touch key and touch it'
    : null;
}

const replayed = ({ used, decision: { nonce } }: LiftCase) =>
  used ? `it is a replay: the decision with nonce ${nonce.slice(0, 8)} was ruled on before` : null;

function wrongSubject({ decision, digest, quarantine }: LiftCase): string | null {
  const { subject, sha, project, environment, deployId } = decision;
  if (subject !== 'lift') return `it is about "${subject}", and "lift" was asked`;
  if (decision.decision !== 'approve') return 'a quarantine stays by itself: nothing is to reject';
  if (decision.subjectDigest !== digest)
    return 'it was signed for something else: another commit, place or reason';
  if (!quarantine) return `${short(sha)} is not quarantined in ${project} ${environment}`;
  if (quarantine.deployId !== deployId)
    return `it is for the quarantine of another deploy (${deployId}), which stands no more`;
  return null;
}

function late({ decision: { notAfter }, now }: LiftCase): string | null {
  const left = Date.parse(notAfter) - Date.parse(now);
  if (left < 0) return `it came too late: it ran out at ${notAfter}`;
  return left > liftLifeMs + clockSkewMs
    ? `it runs until ${notAfter}, which is longer than a lift may wait`
    : null;
}

const short = (digits: string) => digits.slice(0, 12);
