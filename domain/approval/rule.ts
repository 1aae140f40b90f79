import type { ApprovalRule } from '../deploy/plan.ts';
import { strangerReason, unprovenReason } from '../messages/parts/authors.ts';
import { authorship } from './authorship.ts';
import { withRights } from './project-rights.ts';
import { rolesAsked } from './roles.ts';
import { effectiveRule } from './effective-rule.ts';
import type { RuleDecision, RuleInput } from './rule-input.ts';
import { sharedKeys } from './shared-keys.ts';
import { whyImpossible } from './why-impossible.ts';

/**
 * Decides how many approvers this plan needs and who may approve. If the configured people can
 * never meet the rule, returns the reasons and the helpful changes of the configuration.
 */
export function decideRule(input: RuleInput): RuleDecision {
  const everybody = Object.keys(input.approvers).filter(
    (name) => !Object.hasOwn(input.requesters, name),
  );
  const entitled = withRights(input.approvers, input.project);
  const humans = everybody.filter((name) => Object.hasOwn(entitled, name));
  const demand = count(input);
  // A team never becomes a single human by the rights of its people.
  const solo = everybody.length === 1 ? input.solo : 'off';
  const shared = sharedKeys(input);
  if (demand.required > 0 && shared.length > 0) return { impossible: shared };
  const rule = {
    required: demand.required,
    reasons: [...demand.reasons, ...soloReasons(input, everybody, demand.required)],
    notAlone: solo === 'off' && demand.required > 0 ? groups(input, humans) : [],
    solo,
    ...(input.slack && demand.required > 0 ? { slack: input.slack } : {}),
    ...rolesAsked(input, humans),
  };
  const impossible = whyImpossible(rule, humans, input);
  if (impossible.length > 0) return { impossible };
  return rule.required === 0 || solo !== 'off'
    ? { rule: { ...rule, eligible: humans } }
    : effectiveRule(rule, humans, input.requestedBy);
}

type Count = Pick<ApprovalRule, 'required' | 'reasons'>;

/**
 * The usual names of environments without customers. An environment with any other name needs an
 * approval by default, like production.
 */
const automatic = /^(staging|preview|testing|test|dev|development)$/i;
export const isAutomatic = (environment: string) => automatic.test(environment);
export const isProduction = (environment: string) => /prod|\blive\b/i.test(environment);

function count(input: RuleInput): Count {
  const { environment, offBranch, demands = [] } = input;
  const base = baseline(input);
  const reasons = [base.why, ...demands.map(({ why }) => why)];
  if (offBranch) reasons.push(`the commit is not on ${offBranch}`);
  const wanted = Math.max(base.required, ...demands.map(({ required }) => required));
  if (wanted === 0) return oneMore(0, reasons, input);
  const doubts = base.required === 0 ? [] : authorsInDoubt(input);
  reasons.push(...doubts);
  if (input.firstDeploy) reasons.push(`the first release of ${environment} cannot be rolled back`);
  if (input.noReturn) reasons.push('this release cannot be rolled back');
  return oneMore(doubts.length > 0 || wanted === 2 ? 2 : 1, reasons, input);
}

/** Adds one approver if a hotfix passes a freeze window or a stop. */
const oneMore = (required: 0 | 1 | 2, reasons: string[], { through = [] }: RuleInput): Count =>
  through.length > 0
    ? { required: (required + 1) as 1 | 2 | 3, reasons: [...reasons, ...through] }
    : { required, reasons };

function authorsInDoubt(input: RuleInput): string[] {
  const { strangers, unproven } = authorship(input);
  const { proof } = input;
  return [
    ...strangers.slice(0, 3).map(strangerReason),
    ...(unproven.length > 0 && proof ? [unprovenReason(unproven, proof)] : []),
    ...(input.unknownCommits > 0
      ? [
          `two approvers: ${input.unknownCommits} older commits are too many to read, so their ` +
            'authors are unknown',
        ]
      : []),
  ];
}

function baseline({ environment, override, firstDeploy }: RuleInput) {
  if (isProduction(environment)) {
    const required = override === 2 ? 2 : 1;
    const ignored = override === 0 ? '; "approvers: 0" has no effect here' : '';
    return { required, why: `${environment} always needs a human${ignored}` } as const;
  }
  if (override !== undefined)
    return { required: override, why: `${environment} is set to "approvers: ${override}"` };
  if (!isAutomatic(environment))
    return { required: 1, why: `${environment} needs a human, like production` } as const;
  if (firstDeploy)
    return { required: 1, why: `the first deploy to ${environment} needs one approval` } as const;
  return { required: 0, why: `${environment} is automatic` } as const;
}

/**
 * Groups of people who are not enough by themselves: the requester, and the authors of each commit.
 * A group inside a larger group is left out, because an approver outside the larger group is also
 * outside the smaller group.
 */
function groups(input: RuleInput, humans: readonly string[]): string[][] {
  const requester = humans.includes(input.requestedBy) ? [[input.requestedBy]] : [];
  const authors = authorship(input).groups.map((group) =>
    group.filter((name) => humans.includes(name)),
  );
  const all = [...requester, ...authors].map((group) => [...new Set(group)].toSorted());
  const distinct = [...new Map(all.map((group) => [group.join(), group])).values()];
  return distinct.filter(
    (group) =>
      group.length > 0 &&
      !distinct.some(
        (other) => other.length > group.length && group.every((name) => other.includes(name)),
      ),
  );
}

function soloReasons({ solo }: RuleInput, humans: readonly string[], required: number): string[] {
  if (solo === 'off' || required === 0) return [];
  if (humans.length > 1)
    return [`"solo: ${solo}" has no effect: ${humans.length} approvers are configured`];
  const loud = `SOLO MODE (${solo}): ${humans.join()} requests, writes and approves alone; this is recorded`;
  return required > 1 ? [loud, 'a second confirmation follows after the cool-off'] : [loud];
}
