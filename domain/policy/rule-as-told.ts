import type { ApprovalRule } from '../plan.ts';
import { fewest, helps, mostTogether } from './quorum.ts';
import { rolesNamed } from './roles.ts';
import type { RuleDecision } from './rule.ts';

type Decided = Omit<ApprovalRule, 'eligible'>;

/** Nobody is told a number of people that cannot suffice, nor of a person whose yes never helps. */
export function asTold(
  rule: Decided,
  humans: readonly string[],
  requestedBy: string,
): RuleDecision {
  const required = fewest(humans, rule)[0]?.length;
  if (required === undefined) return { impossible: [tooMany(rule)] };
  const wrote = humans.includes(requestedBy) ? 'requested it or wrote part' : 'wrote part';
  const raised = { ...rule, required };
  const eligible = humans.filter((name) => helps(name, humans, raised));
  const reasons = [
    ...rule.reasons,
    ...whyMore(rule, humans, required, wrote),
    ...notByThemselves(raised, eligible),
  ];
  return { rule: { ...raised, reasons, eligible } };
}

const tooMany = (rule: Decided) =>
  `each wrote part of it, and more than ${mostTogether(rule)} people would have to approve it ` +
  'together: add another person under "approvers:"';

/** Where authorship or a role asks for more people than the configuration does. */
function whyMore(
  rule: Decided,
  humans: readonly string[],
  required: number,
  wrote: string,
): string[] {
  const authors = fewest(humans, { ...rule, roles: [] })[0]?.length ?? 0;
  const alone = `each ${wrote} of it, so nobody approves it alone`;
  const few = `each ${wrote} of it, so no ${authors - 1} of them approve it by themselves`;
  const whole = required === 2 ? 'nobody who may approve it alone is' : 'fewer people are not';
  return [
    ...(authors > rule.required ? [authors === 2 ? alone : few] : []),
    ...(required > Math.max(authors, rule.required)
      ? [`${whole} ${rolesNamed(rule.roles ?? [])}`]
      : []),
  ];
}

const notByThemselves = ({ notAlone, required }: Decided, eligible: readonly string[]) =>
  notAlone
    .map((group) => group.filter((name) => eligible.includes(name)))
    .filter(({ length }) => length >= required)
    .map(
      (group) => `${group.join(' and ')} wrote part of it together and need another beside them`,
    );
