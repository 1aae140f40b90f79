import type { Plan, Ruling, SealedPlan } from '../deploy/plan.ts';
import type { Decision } from '../config/config.ts';
import { approvals } from './approval-state.ts';
import { holderOf, rolesNamed } from '../messages/parts/roles.ts';
import { noRightWords } from './project-rights.ts';
import { nobodyThere, signedByKey, tooWeak, wrongClick } from './slack-door.ts';
import type { SlackDoor } from './slack-door.ts';

export type SignatureResult =
  | { ok: true; keyType: string; touch: boolean }
  | { ok: false; why: string };

export type Subject = Decision['subject'];

export type Case = {
  sealed: SealedPlan;
  decision: Decision;
  signature: SignatureResult;
  /** The rulings on earlier decisions about the same plan, in order. */
  earlier: readonly Ruling[];
  /** The time at which the decision is judged, as an ISO time. */
  now: string;
  /** Names of people in the worker's current configuration. */
  people: {
    /** The approvers with rights in the project of the plan. */
    approvers: readonly string[];
    /** The approvers without rights in this project. */
    others?: readonly string[];
    requesters: readonly string[];
    /** The Slack settings. Absent or null: a Slack click never counts. */
    slack?: SlackDoor | null;
  };
  /**
   * The open question. Absent: "Shall this plan be deployed?" 'keep': "Shall the live release
   * stay?" 'nothing': the question is closed.
   */
  asked?: Asked | undefined;
};

export type Asked = 'keep' | 'nothing';

export type Judgement = Pick<Ruling, 'verdict' | 'why' | 'touch' | 'via'> & { genuine: boolean };

/**
 * Judges whether this decision counts. If the decision does not count, `why` is the first reason
 * found.
 */
export function judgeDecision(it: Case): Judgement {
  const { signature, decision } = it;
  const known = it.people.approvers.includes(decision.approver);
  const clicked = wrongClick(decision, it.people.slack);
  const genuine = signature.ok && known && clicked === null;
  const touch = signature.ok && signature.touch;
  const why =
    wrongPerson(it) ??
    clicked ??
    wrongSignature(it) ??
    wrongPlan(it) ??
    tooLate(it) ??
    tooWeak(decision, it.sealed.plan) ??
    repeated(it) ??
    unasked(it) ??
    alone(it);
  const via = decision.via ? { via: 'slack' as const } : {};
  if (why) return { verdict: 'void', why, touch, genuine, ...via };
  return { verdict: 'counted', why: counts(it), touch, genuine, ...via };
}

/** Returns the subject that a decision about this plan must have. */
export const subjectOf = (
  { rollbackTarget }: Pick<Plan, 'rollbackTarget'>,
  asked?: 'keep',
): Subject => asked ?? (rollbackTarget === null ? 'first' : 'deploy');

function wrongPerson({ decision: { approver }, people, sealed }: Case): string | null {
  if (people.requesters.includes(approver))
    return `${approver} is an agent: it may request deploys, but never approve`;
  if (people.others?.includes(approver)) return noRightWords(approver, sealed.plan.project);
  if (!people.approvers.includes(approver)) return `${approver} is not a configured approver`;
  return null;
}

const wrongSignature = ({ signature, decision }: Case) =>
  signature.ok
    ? null
    : `the signature is not ${decision.via ? "the Slack bridge's" : `${decision.approver}'s`}: ${signature.why}`;

function wrongPlan({ decision, sealed, asked }: Case): string | null {
  const { plan, digest } = sealed;
  const subject = asked === 'nothing' ? decision.subject : subjectOf(plan, asked);
  if (decision.subject !== subject)
    return `the decision is about "${decision.subject}", but the question is "${subject}"`;
  if (decision.deployId !== plan.deployId)
    return `the decision is for the deploy ${decision.deployId}, not for ${plan.deployId}`;
  if (decision.project !== plan.project)
    return `the decision is for the project ${decision.project}, not for ${plan.project}`;
  if (decision.environment !== plan.environment)
    return `the decision is for ${decision.environment}, not for ${plan.environment}`;
  if (decision.sha !== plan.sha)
    return `the decision is for commit ${short(decision.sha)}, not for ${short(plan.sha)}`;
  if (decision.subjectDigest !== digest)
    return (
      `the decision is for the plan with digest ${short(decision.subjectDigest)}, ` +
      `but the digest of this plan is ${short(digest)}`
    );
  return null;
}

function tooLate({ decision, sealed: { plan }, now, asked }: Case): string | null {
  const until = Date.parse(decision.notAfter);
  if (Date.parse(now) > until) return `the decision expired at ${decision.notAfter}`;
  if (asked !== 'keep' && decision.subject !== 'keep')
    return until <= Date.parse(plan.notAfter)
      ? null
      : `the decision is valid until ${decision.notAfter}, ` +
          `but the plan expires earlier (${plan.notAfter})`;
  return until - Date.parse(now) <= plan.timing.expireMs + clockSkewMs
    ? null
    : `the decision is valid until ${decision.notAfter}, longer than a question stays open`;
}

/**
 * The allowed difference between the worker's clock and the clock of the signing machine, in
 * milliseconds. The signing machine sets `notAfter` of a keep decision by its own clock.
 */
const clockSkewMs = 2 * 60_000;

function repeated({ decision, earlier, sealed: { plan }, now }: Case): string | null {
  const { approver, nonce } = decision;
  if (earlier.some((ruling) => ruling.genuine && ruling.nonce === nonce))
    return `it is a replay: the decision with nonce ${nonce.slice(0, 8)} was already judged`;
  if (decision.decision === 'reject') return null;
  const before = approvals(earlier).filter((ruling) => ruling.approver === approver);
  const last = before.at(-1);
  if (!last) return null;
  const { solo, required } = plan.rule;
  if (solo === 'off' && !decision.via && !signedByKey(before)) return null;
  if (solo === 'off' || before.length >= required) return `${approver} has approved already`;
  const from = Date.parse(last.at) + plan.timing.coolOffMs;
  return Date.parse(now) >= from
    ? null
    : 'the second confirmation comes too early; ' +
        `send it at ${new Date(from).toISOString()} or later`;
}

const unasked = ({ asked }: Case) =>
  asked === 'nothing' ? 'the decision came after the question was closed' : null;

/**
 * Returns the reason why the rule does not allow the approval of this person; null: the rule allows
 * the approval. A rejection is always allowed, even without a touch.
 */
function alone({ decision, signature, sealed: { plan } }: Case): string | null {
  if (decision.decision === 'reject') return null;
  const { approver } = decision;
  const { rule, requestedBy } = plan;
  const touched = signature.ok && signature.touch;
  const absent = nobodyThere(rule.solo, { touched, clicked: decision.via !== undefined });
  if (absent) return absent;
  if (rule.eligible.includes(approver)) return null;
  const who = rule.eligible.join(' or ');
  if (approver === requestedBy)
    return `${approver} requested this deploy and cannot be its only approver; ask ${who}`;
  if (rule.notAlone.some((group) => group.includes(approver)))
    return `${approver} wrote commits of this deploy and cannot be its only approver; ask ${who}`;
  const { roles = [] } = rule;
  const wanted = roles.length > 0 ? ` with the required role (${rolesNamed(roles)})` : '';
  return `${approver} was not an approver${wanted} when this deploy was planned; ask ${who}`;
}

function counts({ decision, signature, sealed: { plan } }: Case): string {
  if (decision.decision === 'reject') return `${decision.approver} says no`;
  const key = decision.via ? 'a click at Slack' : keyOf(signature);
  const solo = plan.rule.solo === 'off' ? '' : `; SOLO MODE (${plan.rule.solo})`;
  return `${decision.approver} says yes${holderOf(decision.approver, plan.rule)} (${key})${solo}`;
}

const keyOf = (signature: SignatureResult) =>
  signature.ok ? `${signature.keyType}${signature.touch ? ', touched' : ''}` : '';

const short = (digits: string) => digits.slice(0, 12);
