import type { Plan, Ruling, SealedPlan } from '../plan.ts';
import type { Decision } from '../schema.ts';
import { approvals } from './approval-state.ts';
import { holderOf, rolesNamed } from './roles.ts';
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
  /** The rulings before this one, in order. */
  earlier: readonly Ruling[];
  /** ISO time. */
  now: string;
  /** Names in the worker's configuration at this moment. */
  people: {
    approvers: readonly string[];
    requesters: readonly string[];
    /** Absent or null: a click at Slack counts for nothing. */
    slack?: SlackDoor | null;
  };
  /** A release that nobody can prove healthy may be kept; at its end nothing is asked; everything else ships. */
  asked?: Asked | undefined;
};

export type Asked = 'keep' | 'nothing';

export type Judgement = Pick<Ruling, 'verdict' | 'why' | 'touch' | 'via'> & { genuine: boolean };

/** Does this decision count, and if not, why. The first reason that holds is the one that is told. */
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

/** What a decision about this plan must be about. */
export const subjectOf = ({ restoreTo }: Pick<Plan, 'restoreTo'>, asked?: 'keep'): Subject =>
  asked ?? (restoreTo === null ? 'first' : 'ship');

function wrongPerson({ decision: { approver }, people }: Case): string | null {
  if (people.requesters.includes(approver))
    return `${approver} is an agent: it may request, never approve`;
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
    return `it is about "${decision.subject}", and "${subject}" was asked`;
  if (decision.deployId !== plan.deployId)
    return `it is for another deploy (${decision.deployId}); this one is ${plan.deployId}`;
  if (decision.project !== plan.project)
    return `it is for the project ${decision.project}, not ${plan.project}`;
  if (decision.environment !== plan.environment)
    return `it is for ${decision.environment}, not ${plan.environment}`;
  if (decision.sha !== plan.sha)
    return `it is for commit ${short(decision.sha)}, not ${short(plan.sha)}`;
  if (decision.subjectDigest !== digest)
    return `it is for another plan (digest ${short(decision.subjectDigest)}); this one is ${short(digest)}`;
  return null;
}

function tooLate({ decision, sealed: { plan }, now, asked }: Case): string | null {
  const until = Date.parse(decision.notAfter);
  if (Date.parse(now) > until) return `it came too late: it ran out at ${decision.notAfter}`;
  if (asked !== 'keep' && decision.subject !== 'keep')
    return until <= Date.parse(plan.notAfter)
      ? null
      : `it runs until ${decision.notAfter}; the plan says ${plan.notAfter}`;
  return until - Date.parse(now) <= plan.timing.expireMs + clockSkewMs
    ? null
    : `it runs until ${decision.notAfter}, which is longer than a question stays open`;
}

/** A keep ends by the clock of the machine that signed it. */
const clockSkewMs = 2 * 60_000;

function repeated({ decision, earlier, sealed: { plan }, now }: Case): string | null {
  const { approver, nonce } = decision;
  if (earlier.some((ruling) => ruling.genuine && ruling.nonce === nonce))
    return `it is a replay: the decision with nonce ${nonce.slice(0, 8)} was ruled on before`;
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
    : `the second confirmation comes too early: it counts from ${new Date(from).toISOString()}`;
}

const unasked = ({ asked }: Case) =>
  asked === 'nothing' ? 'it came when nothing was asked any more' : null;

/** Rejecting is going backward: any approver may, alone and without a touch. */
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
    return `${approver} requested this deploy and does not approve it alone; ask ${who}`;
  if (rule.notAlone.some((group) => group.includes(approver)))
    return `${approver} wrote what is shipped and does not approve it alone; ask ${who}`;
  const { roles = [] } = rule;
  const wanted = roles.length > 0 ? ` who has what is needed (${rolesNamed(roles)})` : '';
  return `${approver} was not an approver${wanted} when this was planned; ask ${who}`;
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
