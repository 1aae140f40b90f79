import { standaloneClicks } from '../messages/parts/standalone-clicks.ts';
import type { Plan, Ruling } from '../deploy/plan.ts';
import { awaited, suffices } from './quorum.ts';
import { asRoles, roleWords } from '../messages/parts/roles.ts';
import { needsKey, signedByKey } from './slack-door.ts';

export type ApprovalState = {
  kind: 'approved' | 'rejected' | 'waiting';
  why: string;
  /** The people who can give a missing approval. Empty unless `kind` is 'waiting'. */
  from: readonly string[];
  /** The number of missing approvals. 0 unless `kind` is 'waiting'. */
  more: number;
  /** The missing approvals in words. Empty unless `kind` is 'waiting'. */
  needed: string[];
};

const over = { from: [], more: 0, needed: [] };

/**
 * Returns the result of all decisions so far. One rejection that counts rejects the plan. The plan
 * is approved when enough approvers have approved, in any order.
 */
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
    return waits(rule.eligible, 1, standaloneClicks(rule));
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

/** Returns the approvals that count. Approvals with the same nonce are listed only once. */
export const approvals = (rulings: readonly Ruling[]) =>
  rulings.filter(
    ({ verdict, decision, nonce }, index) =>
      verdict === 'counted' &&
      decision === 'approve' &&
      rulings.findIndex((first) => first.nonce === nonce && first.verdict === 'counted') === index,
  );
