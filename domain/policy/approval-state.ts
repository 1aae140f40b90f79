import type { Plan, Ruling } from '../plan.ts';
import { awaited, suffices } from './quorum.ts';
import { asRoles, roleWords } from './roles.ts';
import { clicksAlone, needsKey, signedByKey } from './slack-door.ts';

export type ApprovalState = {
  kind: 'approved' | 'rejected' | 'waiting';
  why: string;
  /** Waiting: whose yes brings it on, how many of them are missing, and that in words. */
  from: readonly string[];
  more: number;
  needed: string[];
};

const over = { from: [], more: 0, needed: [] };

/** One no ends it; yes is a quorum of distinct people, whatever the order in which they came. */
export function approvalState(
  { rule }: Pick<Plan, 'rule'>,
  rulings: readonly Ruling[],
): ApprovalState {
  const no = rulings.find(
    ({ verdict, decision }) => verdict === 'counted' && decision === 'reject',
  );
  if (no) return { kind: 'rejected', why: `rejected by ${no.approver}`, ...over };
  if (rule.required === 0) return { kind: 'approved', why: 'automatic', ...over };
  const yes = approvals(rulings).filter(({ approver }) => rule.eligible.includes(approver));
  const names = yes.map(({ approver }) => approver);
  const who = [...new Set(names)];
  const enough = suffices(names, rule);
  if (enough && needsKey(rule) && !signedByKey(yes))
    return waits(rule.eligible, 1, clicksAlone(rule));
  if (enough) return { kind: 'approved', why: `approved by ${who.join(' and ')}`, ...over };
  const { from, more, roles } = awaited(rule, names);
  const second = `a second confirmation by ${names[0]} after the cool-off`;
  if (rule.solo !== 'off' && names.length > 0) return waits(from, more, [second]);
  return waits(from, more, [
    more === 1
      ? `${from.join(' or ')}${asRoles(roles)}`
      : `${more} of ${from.join(', ')}${roleWords(roles)}`,
  ]);
}

const waits = (from: readonly string[], more: number, needed: string[]): ApprovalState => ({
  ...{ kind: 'waiting', why: `waiting for ${needed.join('; ')}` },
  ...{ from, more, needed },
});

/** Counted, each nonce once. */
export const approvals = (rulings: readonly Ruling[]) =>
  rulings.filter(
    ({ verdict, decision, nonce }, index) =>
      verdict === 'counted' &&
      decision === 'approve' &&
      rulings.findIndex((first) => first.nonce === nonce && first.verdict === 'counted') === index,
  );
