import { plimsoll } from '../deploy/wire.ts';
import type { PlanBudget, Spending, Sums } from '../deploy/budget.ts';
import { dayOf, isOver, monthOf, usedBy, usedOf, usedWords } from '../budget/budget.ts';
import { inDollars } from '../lib/money.ts';
import { type Judged, unread } from './judged.ts';

export type BudgetFacts = {
  environment: string;
  priority: 'normal' | 'P0';
  budget: PlanBudget;
  /** The spent and reserved amounts, without the reservation of this deploy. */
  spending: Spending;
  /**
   * Sums from the configured summary address. null: no address is configured, or the address could
   * not be read.
   */
  summary: Sums | null;
  /** Number of this month's cost lines that could not be read or are still being written. */
  badLines: number;
  /** One sentence for each source that could not be read. */
  sourceErrors: string[];
  /** Epoch ms. */
  now: number;
};

export type BudgetVerdict = Judged & {
  /** true: the cost of the deploy is reserved. */
  reserve: boolean;
  /** The reasons that would close the gate for a deploy that is not P0. */
  through: string[];
};

/**
 * Closes the gate if the deploy would exceed a limit, if a source could not be read, or if the cost
 * is unknown. A P0 deploy passes in all these cases, and its report contains the reasons.
 */
export function judgeBudget(facts: BudgetFacts): BudgetVerdict {
  const against = [...unknown(facts), ...withoutEstimate(facts), ...over(facts)];
  const seen = seenWords(facts);
  if (against.length === 0) return { open: true, reasons: seen, reserve: true, through: [] };
  if (facts.priority !== 'P0')
    return { open: false, reasons: [...against, ...bad(facts)], reserve: false, through: [] };
  const through = against.map((why) => `P0, ALLOWED DESPITE THE BUDGET: ${why}`);
  return { open: true, reasons: [...through, ...seen], reserve: true, through: against };
}

/**
 * Returns one reason for each source that could not be read. The reasons do not stop a P0 deploy.
 */
const unknown = ({ priority, sourceErrors }: BudgetFacts) =>
  priority === 'P0'
    ? sourceErrors.map(
        (error) => `a source could not be read: ${error}. The amount spent is unknown.`,
      )
    : unread(sourceErrors);

const withoutEstimate = ({ environment, budget }: BudgetFacts) =>
  budget.estimate === null
    ? [
        `the cost of a deploy to ${environment} is not configured. Set "cost" of that ` +
          'environment in plimsoll.yaml: perDeploy, or perBuildMinute and buildMinutes',
      ]
    : [];

function over({ budget, spending, summary, now }: BudgetFacts): string[] {
  const used = usedOf(spending, summary);
  const more = budget.estimate ?? 0;
  const { limits, agent } = budget;
  const day = { used: used.day, limit: limits.day, until: dayOf(now).to };
  const month = { used: used.month, limit: limits.month, until: monthOf(now).to };
  const lines = [
    ...overLine('today', 'day', day, more),
    ...overLine('this month', 'month', month, more),
  ];
  if (agent === null) return lines;
  const own = { used: usedBy(used, agent), limit: limits.agent, until: day.until };
  return [...lines, ...overLine(`${agent} today`, 'agent', own, more)];
}

function overLine(
  name: string,
  key: 'day' | 'month' | 'agent',
  { used, limit, until }: { used: number; limit: number; until: string },
  more: number,
): string[] {
  if (!isOver(used, limit, more)) return [];
  const whole = `${name}: ${inDollars(used)} of ${inDollars(limit)} is spent or reserved`;
  const what = used >= limit ? whole : `${whole}, and this deploy costs about ${inDollars(more)}`;
  return [
    `${what}. Wait until ${until}, or raise "budget.${key}" in plimsoll.yaml and restart the ` +
      'worker. If customers are harmed now, deploy with --priority P0',
  ];
}

function seenWords(facts: BudgetFacts): string[] {
  const { budget, spending, summary } = facts;
  const used = usedWords(usedOf(spending, summary), budget.limits, budget.agent);
  const { estimate } = budget;
  const cost = estimate === null ? 'this deploy has an unknown cost' : about(estimate);
  return [`${cost}; spent or reserved: ${used}`, ...bad(facts)];
}

const about = (micros: number) =>
  micros === 0 ? 'this deploy costs nothing' : `this deploy costs about ${inDollars(micros)}`;

const bad = ({ badLines }: BudgetFacts) =>
  badLines === 0
    ? []
    : [
        `${badLines} ${badLines === 1 ? 'cost line' : 'cost lines'} could not be read and ` +
          `${badLines === 1 ? 'is' : 'are'} not in the sums. For details: ${plimsoll} budget`,
      ];
