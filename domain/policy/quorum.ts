import type { ApprovalRule, RoleNeeded, Ruling } from '../plan.ts';
import { rolesMissing } from './roles.ts';

type Rule = Pick<ApprovalRule, 'required' | 'notAlone' | 'solo' | 'roles'>;

/** Do these approvals (by name; in solo mode one name may come twice) meet the rule? */
export function suffices(names: readonly string[], rule: Rule): boolean {
  const { required, notAlone, solo } = rule;
  const count = solo === 'off' ? new Set(names).size : names.length;
  return (
    count >= required &&
    notAlone.every((group) => names.some((name) => !group.includes(name))) &&
    rolesMissing(names, rule).length === 0
  );
}

/** Whose yes brings it on after these, how many of them are missing, and which roles. */
export function awaited(
  rule: Rule & Pick<ApprovalRule, 'eligible'>,
  names: readonly string[],
): { from: readonly string[]; more: number; roles: RoleNeeded[] } {
  const roles = rolesMissing(names, rule);
  if (rule.solo !== 'off')
    return { from: rule.eligible, more: rule.required - names.length, roles };
  const others = rule.eligible.filter((name) => !names.includes(name));
  const sets = fewest(others, rule, names);
  const more = sets[0]?.length ?? Math.max(1, rule.required - new Set(names).size);
  const from = others.filter((name) => sets.some((some) => some.includes(name)));
  return { from: sets.length > 0 ? from : others, more, roles };
}

/** The smallest sets of people that suffice, together with those who have approved already. */
export function fewest(
  people: readonly string[],
  rule: Rule,
  approved: readonly string[] = [],
): string[][] {
  const enough = subsets(people, mostTogether(rule)).filter((some) =>
    suffices([...approved, ...some], rule),
  );
  const least = Math.min(...enough.map(({ length }) => length));
  return enough.filter(({ length }) => length === least);
}

/** Who may still be reminded: in solo mode the one who said yes is asked once more. */
export const unanswered = (rule: Pick<ApprovalRule, 'eligible' | 'solo'>, rulings: Ruling[]) =>
  rule.eligible.filter(
    (name) =>
      rule.solo !== 'off' ||
      !rulings.some(({ verdict, approver }) => verdict === 'counted' && approver === name),
  );

/** Can this person's approval ever be the one that completes a quorum? */
export function helps(name: string, people: readonly string[], rule: Rule): boolean {
  const others = people.filter((other) => other !== name);
  return subsets(others, mostTogether(rule) - 1).some(
    (partners) => suffices([name, ...partners], rule) && !suffices(partners, rule),
  );
}

/** A quorum of more than four people, beside those of a role, is nobody's rule. */
export const mostTogether = ({ roles = [] }: Pick<ApprovalRule, 'roles'>) => 4 + roles.length;

function subsets(people: readonly string[], most: number): string[][] {
  const [first, ...rest] = people;
  if (first === undefined || most === 0) return [[]];
  return [...subsets(rest, most), ...subsets(rest, most - 1).map((others) => [first, ...others])];
}
