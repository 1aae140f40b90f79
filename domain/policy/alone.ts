import type { Judgement, SignatureResult } from './approval.ts';
import type { Decision } from '../schema.ts';

/** A signed decision that belongs to no open deploy: what it needs whatever it is about. */
export type AloneCase = {
  decision: Decision;
  signature: SignatureResult;
  /** The digest of what the decision names together with what was sent beside it. */
  digest: string;
  /** Its nonce was ruled on before. */
  used: boolean;
  /** ISO time. */
  now: string;
  people: { approvers: readonly string[]; requesters: readonly string[] };
  /** One human alone with a touch key: it needs the touch as well. */
  needsTouch: boolean;
};

export type AloneWords = {
  subject: 'lift' | 'waive' | 'stop' | 'resume';
  /** "a lift", "lift a quarantine". */
  noun: string;
  verb: string;
  /** Why there is nothing to reject. */
  byItself: string;
  /** What the digest covers. */
  parts: string;
  /** Backward: requesters may as well. */
  free?: true;
};

/** How long such a decision may count once it is signed, and by how much clocks may differ. */
export const aloneLifeMs = 10 * 60_000;
const clockSkewMs = 2 * 60_000;

/**
 * Does it count, and if not, why: the first reason that holds is the one that is told. `own` is what the subject
 * alone has against it.
 */
export function judgeAlone(
  it: AloneCase,
  words: AloneWords,
  { own, counts }: { own: string | null; counts: string },
): Judgement {
  const { decision, signature, people } = it;
  const genuine =
    signature.ok && !decision.via && mayAsk(people, words).includes(decision.approver);
  const touch = signature.ok && signature.touch;
  const why =
    wrongPerson(it, words) ??
    wrongDoor(it, words) ??
    wrongSignature(it) ??
    replayed(it) ??
    wrongSubject(it, words) ??
    own ??
    wrongTime(it, words);
  return why
    ? { verdict: 'void', why, touch, genuine }
    : { verdict: 'counted', why: counts, touch, genuine };
}

const mayAsk = ({ approvers, requesters }: AloneCase['people'], { free }: AloneWords) =>
  free ? [...approvers, ...requesters] : approvers;

function wrongPerson({ decision: { approver }, people }: AloneCase, words: AloneWords) {
  if (!words.free && people.requesters.includes(approver))
    return `${approver} is an agent: it may request, never ${words.verb}`;
  if (mayAsk(people, words).includes(approver)) return null;
  if (words.free) return `${approver} is neither a configured approver nor a requester`;
  return `${approver} is not a configured approver`;
}

const wrongDoor = ({ decision }: AloneCase, { verb }: AloneWords) =>
  decision.via ? `a click at Slack does not ${verb}: it needs a signature by key` : null;

function wrongSignature({ signature, decision, needsTouch }: AloneCase): string | null {
  if (!signature.ok) return `the signature is not ${decision.approver}'s: ${signature.why}`;
  return needsTouch && !signature.touch
    ? 'solo mode needs a touch: sign with the touch key and touch it'
    : null;
}

const replayed = ({ used, decision: { nonce } }: AloneCase) =>
  used ? `it is a replay: the decision with nonce ${nonce.slice(0, 8)} was ruled on before` : null;

function wrongSubject({ decision, digest }: AloneCase, words: AloneWords): string | null {
  const { subject, byItself, parts } = words;
  if (decision.subject !== subject)
    return `it is about "${decision.subject}", and "${subject}" was asked`;
  if (decision.decision !== 'approve') return `${byItself}: nothing is to reject`;
  return decision.subjectDigest === digest
    ? null
    : `it was signed for something else: another ${parts}`;
}

function wrongTime({ decision: { notAfter }, now }: AloneCase, { noun }: AloneWords) {
  const left = Date.parse(notAfter) - Date.parse(now);
  if (left < 0) return `it came too late: it ran out at ${notAfter}`;
  return left > aloneLifeMs + clockSkewMs
    ? `it runs until ${notAfter}, which is longer than ${noun} may wait`
    : null;
}
