import type { ApprovalRule } from '../plan.ts';
import { suffices } from './quorum.ts';
import { roleOfNobody } from './roles.ts';
import type { Demand, RuleInput } from './rule.ts';

/** Why these people never can; empty: they can. Each with its remedy. */
export function whyImpossible(
  rule: Omit<ApprovalRule, 'eligible'>,
  humans: readonly string[],
  { solo, approvers, requestedBy, demands = [] }: RuleInput,
): string[] {
  const { required } = rule;
  if (required === 0) return [];
  if (humans.length === 0)
    return ['nobody is configured who may approve: add a person with a key under "approvers:"'];
  const lacking = roleOfNobody(rule, demands);
  if (lacking) return lacking;
  const [only = ''] = humans;
  if (rule.solo === 'touch-key' && !approvers[only]?.keys.some(isTouchKey))
    return [
      `"solo: touch-key" needs a touch key and ${only} has none: ` +
        'make one with ssh-keygen -t ed25519-sk and add its .pub line to keys',
    ];
  if (rule.solo === 'slack' && (rule.slack ?? 'never') === 'never')
    return [
      '"solo: slack" needs clicks that count: configure slack.approvals, not "suffices: never"',
    ];
  if (rule.solo === 'slack' && !approvers[only]?.slack)
    return [`"solo: slack" needs ${only}'s member id of Slack: add slack: U… to approvers.${only}`];
  if (rule.solo !== 'off' || suffices(humans, rule)) return [];
  const remedy =
    humans.length === 1 && solo === 'off'
      ? 'add a second person under "approvers:", or set "solo: touch-key"'
      : 'add another person under "approvers:"';
  if (humans.length < required) {
    const because = rule.reasons.filter(
      (reason) => reason.startsWith('two approvers') || demandsTwo(demands, reason),
    );
    const needed = `${required} approvers are needed and only ${humans.join(', ')} is there: ${remedy}`;
    return [needed, ...because];
  }
  const why = humans.includes(requestedBy)
    ? 'requested it or wrote its commits'
    : 'wrote its commits';
  return [`${humans.join(' and ')} ${why}, and nobody approves that alone: ${remedy}`];
}

const demandsTwo = (demands: readonly Demand[], reason: string) =>
  demands.some(({ required, why }) => required === 2 && why === reason);

const isTouchKey = (line: string) => /(^|[, ])sk-/.test(line);
