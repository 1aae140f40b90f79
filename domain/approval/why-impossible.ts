import type { ApprovalRule } from '../deploy/plan.ts';
import { suffices } from './quorum.ts';
import { roleOfNobody } from './roles.ts';
import type { Demand, RuleInput } from './rule-input.ts';

/**
 * Returns the reasons why these people can never meet the rule, each with the change in the
 * configuration that helps. Empty: these people can meet the rule.
 */
export function whyImpossible(
  rule: Omit<ApprovalRule, 'eligible'>,
  humans: readonly string[],
  { project, solo, approvers, requestedBy, demands = [] }: RuleInput,
): string[] {
  const { required } = rule;
  if (required === 0) return [];
  const others = Object.keys(approvers).some((name) => !humans.includes(name));
  if (humans.length === 0)
    return others
      ? [`no approver has rights in ${project}: add ${project} to "projects" of an approver`]
      : ['no approver is configured: add a person with a key under "approvers:"'];
  const lacking = roleOfNobody(rule, demands);
  if (lacking) return lacking;
  const [only = ''] = humans;
  if (rule.solo === 'touch-key' && !approvers[only]?.keys.some(isTouchKey))
    return [
      `"solo: touch-key" needs a touch key and ${only} has none: make a touch key with ` +
        `ssh-keygen -t ed25519-sk and add its .pub line to approvers.${only}.keys`,
    ];
  if (rule.solo === 'slack' && (rule.slack ?? 'never') === 'never')
    return [
      '"solo: slack" needs clicks that count: configure slack.approvals, with "suffices: one" or ' +
        '"suffices: all"',
    ];
  if (rule.solo === 'slack' && !approvers[only]?.slack)
    return [
      `"solo: slack" needs ${only}'s member id of Slack: add "slack: U…" to approvers.${only}`,
    ];
  if (rule.solo !== 'off' || suffices(humans, rule)) return [];
  const remedy =
    humans.length === 1 && solo === 'off'
      ? 'add a second person under "approvers:", or set "solo: touch-key"'
      : 'add another person under "approvers:"' +
        (others ? `, or add ${project} to "projects" of another approver` : '');
  if (humans.length < required) {
    const because = rule.reasons.filter(
      (reason) => reason.startsWith('two approvers') || demandsTwo(demands, reason),
    );
    const needed =
      `${required} approvers are required and only ${humans.join(', ')} is configured: ` +
      `${remedy}`;
    return [needed, ...because];
  }
  const why = humans.includes(requestedBy)
    ? 'requested the deploy or wrote its commits'
    : 'wrote the commits of the deploy';
  return [`${humans.join(' and ')} ${why}, so another approver is required: ${remedy}`];
}

const demandsTwo = (demands: readonly Demand[], reason: string) =>
  demands.some(({ required, why }) => required === 2 && why === reason);

const isTouchKey = (line: string) => /(^|[, ])sk-/.test(line);
