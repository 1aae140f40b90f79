import type { ApprovalRule, Plan, Ruling } from '../plan.ts';
import type { Decision } from '../schema.ts';
import { suffices, unanswered } from './quorum.ts';

/** The workspace, and the member id of each approver who has one, by the configuration of this moment. */
export type SlackDoor = { team: string; ids: ReadonlyMap<string, string | undefined> };

/** What is wrong with who clicked, whatever was decided; null: nothing, or it is no click. */
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
  return own === user ? null : `the click was ${user}'s, and ${approver} is ${own} at Slack`;
}

/** Why this click does not count, although it is the approver's; null: it does, or it is no click. */
export function tooWeak(
  { via, subject, decision }: Pick<Decision, 'via' | 'subject' | 'decision'>,
  plan: Pick<Plan, 'rule' | 'restoreTo' | 'noReturn'>,
): string | null {
  if (!via) return null;
  if (subject !== 'ship' && subject !== 'first')
    return `a click at Slack does not decide about "${subject}": it needs a signature by key`;
  return decision === 'reject' ? null : noClick(plan);
}

/** Why nobody can approve this plan by a click; null: one can. */
export function noClick({
  rule,
  restoreTo,
  noReturn,
}: Pick<Plan, 'rule' | 'restoreTo' | 'noReturn'>): string | null {
  if (rule.slack === undefined) return 'this was planned without approvals by Slack';
  if (rule.slack === 'never') return 'a click at Slack only rejects here: approve it by key';
  // Who is alone, without a touch key, has no stronger door than the click.
  if (rule.solo === 'slack') return null;
  return restoreTo === null || noReturn !== undefined
    ? 'what has no way back is not approved by a click at Slack: approve it by key'
    : null;
}

/** Solo mode: what proves that a human is there; null: it is proven, or solo mode is off. */
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

/** Clicks count, and at least one approval must be a signature by key. */
export const needsKey = ({
  required,
  slack,
  solo,
}: Pick<ApprovalRule, 'required' | 'slack' | 'solo'>) =>
  required >= 2 && slack !== 'all' && solo !== 'slack';

export const signedByKey = (rulings: readonly Pick<Ruling, 'via'>[]) =>
  rulings.some(({ via }) => via === undefined);

/** Whoever clicked signs as well, or anybody else who may approve. */
export const clicksAlone = ({ eligible }: Pick<ApprovalRule, 'eligible'>): string[] => [
  `one signature by key, by ${eligible.join(' or ')}: clicks at Slack alone do not suffice here`,
];

/** Those who have not answered; where clicks alone do not suffice, whoever clicked signs once more. */
export function toRemind(rule: ApprovalRule, rulings: Ruling[]): string[] {
  const yes = rulings.filter(
    ({ verdict, decision }) => verdict === 'counted' && decision === 'approve',
  );
  const names = yes.map(({ approver }) => approver);
  const signs = suffices(names, rule) && needsKey(rule) && !signedByKey(yes);
  return signs ? rule.eligible.filter((name) => names.includes(name)) : unanswered(rule, rulings);
}

/** One line for `plan` and for the request itself; null: Slack is no door here. */
export function slackLine(plan: Pick<Plan, 'rule' | 'restoreTo' | 'noReturn'>): string | null {
  const { rule } = plan;
  if (rule.required === 0 || rule.slack === undefined) return null;
  const why = noClick(plan);
  if (why) return `by Slack: only to reject; ${why}`;
  if (needsKey(rule))
    return 'by Slack: a click counts, and one approval must be a signature by key';
  return 'by Slack: a click suffices';
}
