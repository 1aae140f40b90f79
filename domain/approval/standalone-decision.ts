import type { Judgement, SignatureResult } from './approval.ts';
import type { Decision } from '../config/config.ts';
import { noRightWords } from './project-rights.ts';

/** The facts about a standalone decision, which is a signed decision outside a deploy. */
export type StandaloneCase = {
  decision: Decision;
  signature: SignatureResult;
  /**
   * The digest that the decision must name. The worker computes it from the decision and from the
   * texts that came with the decision.
   */
  digest: string;
  /** true: the nonce was used before. */
  used: boolean;
  /** The time at which the decision is judged, as an ISO time. */
  now: string;
  people: {
    approvers: readonly string[];
    requesters: readonly string[];
    /** People without rights in `project`. They are not in the other lists. */
    others?: readonly string[];
  };
  /** The project of the decision; null or absent: the decision is about all projects. */
  project?: string | null;
  /** true: solo mode with a touch key, so the decision needs a touch. */
  needsTouch: boolean;
};

export type StandaloneWords = {
  subject: 'lift' | 'waive' | 'stop' | 'resume';
  /** The kind of decision, such as "a lift". */
  noun: string;
  /** The action, such as "lift a quarantine". */
  verb: string;
  /** The beginning of a sentence. The sentence ends with "so there is nothing to reject". */
  byItself: string;
  /** The parts that the digest covers, such as "stop or reason". */
  parts: string;
  /** Set if requesters may make the decision as well, as for a stop. */
  free?: true;
};

/** The longest time for which a signed standalone decision is valid, in milliseconds. */
export const standaloneLifeMs = 10 * 60_000;
/**
 * The allowed difference between the worker's clock and the clock of the signing machine, in
 * milliseconds.
 */
const clockSkewMs = 2 * 60_000;

/**
 * Judges whether the decision counts. If the decision does not count, `why` is the first reason
 * found. `own` is the result of the additional check for this kind of decision; null: the check
 * passed. `counts` is the text for a decision that counts.
 */
export function judgeStandalone(
  it: StandaloneCase,
  words: StandaloneWords,
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

const mayAsk = ({ approvers, requesters }: StandaloneCase['people'], { free }: StandaloneWords) =>
  free ? [...approvers, ...requesters] : approvers;

function wrongPerson(
  { decision: { approver }, people, project = null }: StandaloneCase,
  words: StandaloneWords,
) {
  if (!words.free && people.requesters.includes(approver))
    return `${approver} is an agent: it may request deploys, but never ${words.verb}`;
  if (mayAsk(people, words).includes(approver)) return null;
  if (people.others?.includes(approver)) return noRightWords(approver, project);
  if (words.free) return `${approver} is neither a configured approver nor a requester`;
  return `${approver} is not a configured approver`;
}

const wrongDoor = ({ decision }: StandaloneCase, { verb }: StandaloneWords) =>
  decision.via ? `a click at Slack cannot ${verb}: this decision needs a signature by key` : null;

function wrongSignature({ signature, decision, needsTouch }: StandaloneCase): string | null {
  if (!signature.ok) return `the signature is not ${decision.approver}'s: ${signature.why}`;
  return needsTouch && !signature.touch
    ? 'solo mode needs a touch: sign with the touch key and touch it'
    : null;
}

const replayed = ({ used, decision: { nonce } }: StandaloneCase) =>
  used ? `it is a replay: the decision with nonce ${nonce.slice(0, 8)} was already judged` : null;

function wrongSubject({ decision, digest }: StandaloneCase, words: StandaloneWords): string | null {
  const { subject, byItself, parts } = words;
  if (decision.subject !== subject)
    return `the decision is about "${decision.subject}", but the question is "${subject}"`;
  if (decision.decision !== 'approve') return `${byItself}, so there is nothing to reject`;
  return decision.subjectDigest === digest ? null : `the signature is for another ${parts}`;
}

function wrongTime({ decision: { notAfter }, now }: StandaloneCase, { noun }: StandaloneWords) {
  const left = Date.parse(notAfter) - Date.parse(now);
  if (left < 0) return `the decision expired at ${notAfter}`;
  return left > standaloneLifeMs + clockSkewMs
    ? `the decision is valid until ${notAfter}, longer than ${noun} may be valid`
    : null;
}
