import type { ApprovalRule, RoleNeeded, Ruling } from '../deploy/plan.ts';
import { coverable, undominated } from './cover.ts';
import { rolesMissing } from './roles.ts';

type Rule = Pick<ApprovalRule, 'required' | 'notAlone' | 'solo' | 'roles'>;

/**
 * Returns true if the approvals of these people meet the rule. In solo mode `names` may contain a
 * name twice, because the only approver approves twice.
 */
export function suffices(names: readonly string[], rule: Rule): boolean {
  const { required, notAlone, solo } = rule;
  const count = solo === 'off' ? new Set(names).size : names.length;
  return (
    count >= required &&
    notAlone.every((group) => names.some((name) => !group.includes(name))) &&
    rolesMissing(names, rule).length === 0
  );
}

/**
 * Returns the people who can give a missing approval, the number of missing approvals, and the
 * missing roles.
 */
export function awaited(
  rule: Rule & Pick<ApprovalRule, 'eligible'>,
  names: readonly string[],
): { from: readonly string[]; more: number; roles: RoleNeeded[] } {
  const roles = rolesMissing(names, rule);
  if (rule.solo !== 'off')
    return { from: rule.eligible, more: rule.required - names.length, roles };
  const approved = new Set(names);
  const others = rule.eligible.filter((name) => !approved.has(name));
  const more = fewest(others, rule, names);
  if (more === undefined)
    return { from: others, more: Math.max(1, rule.required - approved.size), roles };
  const needs = needsOf(rule, [...others, ...approved]);
  const left = leftAfter(needs, approved);
  const best = undominated(others.map((name) => needs.metBy(name) & left));
  const isInOne = perMask((mine) => more > 0 && coverable(left & ~mine, best, more - 1));
  return { from: others.filter((name) => isInOne(needs.metBy(name) & left)), more, roles };
}

/**
 * Returns the smallest number of people from `people` who meet the rule together with the people in
 * `approved`. undefined: no group of at most `mostTogether` people meets the rule.
 */
export function fewest(
  people: readonly string[],
  rule: Rule,
  approved: readonly string[] = [],
): number | undefined {
  const before = new Set(approved);
  const needs = needsOf(rule, [...people, ...approved]);
  const left = leftAfter(needs, before);
  const best = undominated(people.map((name) => needs.metBy(name) & left));
  const most = Math.min(mostTogether(rule), people.length);
  for (let some = Math.max(0, rule.required - before.size); some <= most; some += 1)
    if (coverable(left, best, some)) return some;
  return undefined;
}

/**
 * Returns the people who may get a reminder: the eligible people whose decision is still missing.
 * In solo mode, the approver also gets a reminder to confirm a second time.
 */
export const unanswered = (rule: Pick<ApprovalRule, 'eligible' | 'solo'>, rulings: Ruling[]) =>
  rule.eligible.filter(
    (name) =>
      rule.solo !== 'off' ||
      !rulings.some(({ verdict, approver }) => verdict === 'counted' && approver === name),
  );

/** Returns the people whose approval can complete the quorum. */
export function helpful(people: readonly string[], rule: Rule): string[] {
  const needs = needsOf(rule, people);
  const met = people.map(needs.metBy);
  const best = undominated(met);
  const without = needs.each.map((need) => ({ need, ...lacking(need, met) }));
  const partners = mostTogether(rule) - 1;
  const few = rule.required - 1;
  if (few > partners) return [];
  // With this person, only `few` other people are needed. Without this person, one more is needed.
  const byNumber = (mine: bigint) =>
    few >= 0 && few < people.length && coverable(needs.all & ~mine, best, few);
  // There are enough other people, but only this person meets one of the needs.
  const alone = (mine: bigint) =>
    without.some(
      ({ need, count, sets }) =>
        (mine & need) !== 0n && count >= few && coverable(needs.all & ~mine, sets, partners),
    );
  const completes = perMask((mine) => byNumber(mine) || alone(mine));
  return people.filter((name) => completes(needs.metBy(name)));
}

function lacking(need: bigint, met: readonly bigint[]) {
  const sets = met.filter((mask) => (mask & need) === 0n);
  return { count: sets.length, sets: undominated(sets) };
}

/** Returns the largest number of approvers that a rule can demand: four, plus one for each role. */
export const mostTogether = ({ roles = [] }: Pick<ApprovalRule, 'roles'>) => 4 + roles.length;

/**
 * The conditions of a quorum, without the number of people. At least one approver must be outside
 * of each group in `notAlone`. At least one approver must have each role. Each condition is one
 * bit.
 */
type Needs = { all: bigint; each: bigint[]; metBy: (name: string) => bigint };

function needsOf({ required, notAlone, roles = [] }: Rule, people: readonly string[]): Needs {
  const holders = roles.map((role) => new Set(role.people));
  // A group that has too few people or lacks a required role cannot meet the rule without other
  // people. Such a group needs no bit.
  const groups = notAlone
    .filter(
      (group) =>
        group.length >= required && holders.every((role) => group.some((name) => role.has(name))),
    )
    .map((group) => new Set(group));
  const mask = (name: string) => {
    const outside = groups.map((group) => (group.has(name) ? '0' : '1'));
    const holds = holders.map((role) => (role.has(name) ? '1' : '0'));
    return BigInt(`0b0${[...outside, ...holds].join('')}`);
  };
  const metBy = new Map(people.map((name) => [name, mask(name)]));
  const count = groups.length + holders.length;
  return {
    all: (1n << BigInt(count)) - 1n,
    each: Array.from({ length: count }, (_, bit) => 1n << BigInt(bit)),
    metBy: (name) => metBy.get(name) ?? 0n,
  };
}

const leftAfter = ({ all, metBy }: Needs, approved: Iterable<string>) =>
  [...approved].reduce((left, name) => left & ~metBy(name), all);

/**
 * Returns a function that calls `judge` only once for each mask. People who meet the same needs
 * have the same mask.
 */
function perMask(judge: (mask: bigint) => boolean): (mask: bigint) => boolean {
  const known = new Map<bigint, boolean>();
  return (mask) => {
    const answer = known.get(mask) ?? judge(mask);
    known.set(mask, answer);
    return answer;
  };
}
