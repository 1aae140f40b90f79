import type { ApprovalRule } from '../deploy/plan.ts';
import { rolesNamed } from '../messages/parts/roles.ts';
import { fewest, helpful, mostTogether } from './quorum.ts';
import type { RuleDecision } from './rule-input.ts';

type Decided = Omit<ApprovalRule, 'eligible'>;

/**
 * Returns the rule that people see. `required` is the smallest number of approvers that can be
 * enough. `eligible` lists only the people whose approval can help.
 */
export function effectiveRule(
  rule: Decided,
  humans: readonly string[],
  requestedBy: string,
): RuleDecision {
  const required = fewest(humans, rule);
  if (required === undefined) return { impossible: [tooMany(rule)] };
  const wrote = humans.includes(requestedBy)
    ? 'requested this deploy or wrote part of it'
    : 'wrote part of this deploy';
  const raised = { ...rule, required };
  const eligible = helpful(humans, raised);
  const reasons = [
    ...rule.reasons,
    ...whyMore(rule, humans, required, wrote),
    ...notByThemselves(raised, eligible),
  ];
  return { rule: { ...raised, reasons, eligible } };
}

const tooMany = (rule: Decided) =>
  `every approver wrote part of this deploy, and more than ${mostTogether(rule)} people would ` +
  'have to approve it together: add another person under "approvers:"';

/**
 * Lists the reasons why this deploy needs more approvers than the configuration says. The reasons
 * are the authors of the commits, and required roles.
 */
function whyMore(
  rule: Decided,
  humans: readonly string[],
  required: number,
  wrote: string,
): string[] {
  const authors = fewest(humans, { ...rule, roles: [] }) ?? 0;
  const alone = `every approver ${wrote}, so no single person is enough`;
  const few = `every approver ${wrote}, so ${authors - 1} approvers are not enough`;
  const roles = rolesNamed(rule.roles ?? []);
  const whole =
    required === 2
      ? `one person is not enough, because nobody has the required role (${roles}) and may approve alone`
      : `no smaller group has the required role (${roles})`;
  return [
    ...(authors > rule.required ? [authors === 2 ? alone : few] : []),
    ...(required > Math.max(authors, rule.required) ? [whole] : []),
  ];
}

const notByThemselves = ({ notAlone, required }: Decided, eligible: readonly string[]) =>
  notAlone
    .map((group) => group.filter((name) => eligible.includes(name)))
    .filter(({ length }) => length >= required)
    .map(
      (group) =>
        `${group.join(' and ')} wrote part of this deploy together and need one more approver`,
    );
