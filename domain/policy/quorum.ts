import type { ApprovalRule, Ruling } from '../plan.ts';

type Rule = Pick<ApprovalRule, 'required' | 'notAlone' | 'solo'>;

/** Do these approvals (by name; in solo mode one name may come twice) meet the rule? */
export function suffices(names: readonly string[], { required, notAlone, solo }: Rule): boolean {
  const count = solo === 'off' ? new Set(names).size : names.length;
  return (
    count >= required && notAlone.every((group) => names.some((name) => !group.includes(name)))
  );
}

/** Whose yes brings it on after these, and how many of them are missing. */
export function awaited(
  rule: Rule & Pick<ApprovalRule, 'eligible'>,
  names: readonly string[],
): { from: readonly string[]; more: number } {
  if (rule.solo !== 'off') return { from: rule.eligible, more: rule.required - names.length };
  const others = rule.eligible.filter((name) => !names.includes(name));
  const more = Math.max(1, rule.required - new Set(names).size);
  const stuck = rule.notAlone.filter(
    (group) => names.length > 0 && names.every((name) => group.includes(name)),
  );
  const fit = others.filter((name) => stuck.every((group) => !group.includes(name)));
  return { from: more === 1 && fit.length > 0 ? fit : others, more };
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
  return subsets(others, mostPartners).some(
    (partners) => suffices([name, ...partners], rule) && !suffices(partners, rule),
  );
}

/** A quorum of more than four people is nobody's rule. */
const mostPartners = 3;

function subsets(people: readonly string[], most: number): string[][] {
  const [first, ...rest] = people;
  if (first === undefined || most === 0) return [[]];
  return [...subsets(rest, most), ...subsets(rest, most - 1).map((others) => [first, ...others])];
}
