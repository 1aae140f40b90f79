import type { ApprovalRule, Plan, Ruling } from '../deploy/plan.ts';
import type { Decision } from '../config/config.ts';
import { suffices, unanswered } from './quorum.ts';

/**
 * The configured Slack workspace, and the member id of each approver by name. undefined: the
 * approver has no member id.
 */
export type SlackDoor = { team: string; ids: ReadonlyMap<string, string | undefined> };

/**
 * Returns the reason why this click cannot count, neither as an approval nor as a rejection. null:
 * the click can count, or the decision is not a click.
 */
export function wrongClick(
  { via, approver }: Pick<Decision, 'via' | 'approver'>,
  door: SlackDoor | null | undefined,
): string | null {
  if (!via) return null;
  if (!door) return 'approvals by Slack are not configured here';
  const { user, team } = via.slack;
  if (team !== door.team)
    return `the click came from the Slack workspace ${team}, not from ${door.team}`;
  const own = door.ids.get(approver);
  if (own === undefined) return `${approver} has no member id of Slack in the configuration`;
  return own === user ? null : `the click came from ${user}, but ${approver} is ${own} at Slack`;
}

/**
 * Returns the reason why a click is too weak for this decision. null: a click is strong enough, or
 * the decision is not a click.
 */
export function tooWeak(
  { via, subject, decision }: Pick<Decision, 'via' | 'subject' | 'decision'>,
  plan: Pick<Plan, 'rule' | 'rollbackTarget' | 'noReturn'>,
): string | null {
  if (!via) return null;
  if (subject !== 'deploy' && subject !== 'first')
    return `a click at Slack cannot decide about "${subject}": this decision needs a signature by key`;
  return decision === 'reject' ? null : noClick(plan);
}

/** Returns the reason why nobody can approve this plan by a click; null: a click can approve it. */
export function noClick({
  rule,
  rollbackTarget,
  noReturn,
}: Pick<Plan, 'rule' | 'rollbackTarget' | 'noReturn'>): string | null {
  if (rule.slack === undefined)
    return 'approvals by Slack were not configured when this deploy was planned';
  if (rule.slack === 'never')
    return 'the configuration allows clicks at Slack for rejections only: approve the plan by key';
  // In the mode "solo: slack", a click is the strongest proof that a person can give. So a click
  // may approve every plan.
  if (rule.solo === 'slack') return null;
  return rollbackTarget === null || noReturn !== undefined
    ? 'a click at Slack cannot approve a release that cannot be rolled back: approve the plan ' +
        'by key'
    : null;
}

/**
 * In solo mode, a touch or a click proves that a person is present. Returns the reason if this
 * proof is missing. null: the proof is there, or this mode needs no proof.
 */
export function nobodyThere(
  solo: ApprovalRule['solo'],
  { touched, clicked }: { touched: boolean; clicked: boolean },
): string | null {
  if (solo === 'touch-key' && !touched)
    return 'solo mode needs a touch: sign with the touch key and touch it';
  if (solo === 'slack' && !touched && !clicked)
    return 'solo mode needs a click at Slack, or the touch key and a touch';
  return null;
}

/** Returns true if at least one of the approvals must be a signature by key. */
export const needsKey = ({
  required,
  slack,
  solo,
}: Pick<ApprovalRule, 'required' | 'slack' | 'solo'>) =>
  required >= 2 && slack !== 'all' && solo !== 'slack';

export const signedByKey = (rulings: readonly Pick<Ruling, 'via'>[]) =>
  rulings.some(({ via }) => via === undefined);

/**
 * Returns the people to remind: the people who have not answered. If only a signature by key is
 * missing, the people who have clicked are reminded instead.
 */
export function toRemind(rule: ApprovalRule, rulings: Ruling[]): string[] {
  const yes = rulings.filter(
    ({ verdict, decision }) => verdict === 'counted' && decision === 'approve',
  );
  const names = yes.map(({ approver }) => approver);
  const signs = suffices(names, rule) && needsKey(rule) && !signedByKey(yes);
  return signs ? rule.eligible.filter((name) => names.includes(name)) : unanswered(rule, rulings);
}
