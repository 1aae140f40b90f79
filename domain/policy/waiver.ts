import { isDay } from '../day.ts';
import type { Judgement, SignatureResult } from './approval.ts';
import { liftLifeMs } from './lift.ts';
import type { Decision } from '../schema.ts';

/** A finding that an approver answers for, until the end of that day (UTC). */
export type Waiver = { finding: string; reason: string; by: string; until: string };

/** Of several the one that lasts longest; `stands` = it has not ended. null = nobody waived it. */
export function standingWaiver(
  waivers: readonly Waiver[],
  finding: string,
  now: string,
): { waiver: Waiver; stands: boolean } | null {
  const [waiver] = waivers
    .filter((one) => one.finding === finding)
    .toSorted((one, other) => other.until.localeCompare(one.until));
  return waiver ? { waiver, stands: waiver.until >= now.slice(0, 10) } : null;
}

export type WaiveCase = {
  decision: Decision;
  signature: SignatureResult;
  /** The digest of finding, reason and day that were sent. */
  digest: string;
  until: string;
  finding: string;
  used: boolean;
  /** ISO time. */
  now: string;
  people: { approvers: readonly string[]; requesters: readonly string[] };
  /** One human alone with a touch key: a waiver needs the touch as well. */
  needsTouch: boolean;
};

/** A waiver is no way to forget: at most this many days. */
export const longestWaiverDays = 90;
const dayMs = 24 * 60 * 60_000;
const clockSkewMs = 2 * 60_000;

/** Does this waiver count, and if not, why. The first reason that holds is the one that is told. */
export function judgeWaiver(it: WaiveCase): Judgement {
  const { decision, signature, people } = it;
  const genuine = signature.ok && people.approvers.includes(decision.approver);
  const touch = signature.ok && signature.touch;
  const why =
    wrongPerson(it) ?? wrongSignature(it) ?? replayed(it) ?? wrongSubject(it) ?? wrongTime(it);
  if (why) return { verdict: 'void', why, touch, genuine };
  const where = `${decision.project} ${decision.environment}`;
  const counts = `${decision.approver} waives ${it.finding} in ${where} until ${it.until}`;
  return { verdict: 'counted', why: counts, touch, genuine };
}

function wrongPerson({ decision: { approver }, people }: WaiveCase): string | null {
  if (people.requesters.includes(approver))
    return `${approver} is an agent: it may request, never waive a finding`;
  return people.approvers.includes(approver) ? null : `${approver} is not a configured approver`;
}

function wrongSignature({ signature, decision, needsTouch }: WaiveCase): string | null {
  if (!signature.ok) return `the signature is not ${decision.approver}'s: ${signature.why}`;
  return needsTouch && !signature.touch
    ? 'solo mode needs a touch: sign with the touch key and touch it'
    : null;
}

const replayed = ({ used, decision: { nonce } }: WaiveCase) =>
  used ? `it is a replay: the decision with nonce ${nonce.slice(0, 8)} was ruled on before` : null;

function wrongSubject({ decision, digest }: WaiveCase): string | null {
  if (decision.subject !== 'waive')
    return `it is about "${decision.subject}", and "waive" was asked`;
  if (decision.decision !== 'approve') return 'a finding counts by itself: nothing is to reject';
  return decision.subjectDigest === digest
    ? null
    : 'it was signed for something else: another finding, place, reason or day';
}

function wrongTime({ decision: { notAfter }, until, now }: WaiveCase): string | null {
  const left = Date.parse(notAfter) - Date.parse(now);
  if (left < 0) return `it came too late: it ran out at ${notAfter}`;
  if (left > liftLifeMs + clockSkewMs)
    return `it runs until ${notAfter}, which is longer than a waiver may wait`;
  if (!isDay(until)) return `its last day is "${until}", and not a day such as 2027-01-31`;
  const days = (Date.parse(until) - Date.parse(now)) / dayMs;
  if (!(days > -1)) return `its last day, ${until}, is over`;
  return days > longestWaiverDays
    ? `its last day, ${until}, is more than ${longestWaiverDays} days away`
    : null;
}
