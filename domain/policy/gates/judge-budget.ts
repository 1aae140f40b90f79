import type { PlanBudget, Spending, Sums } from '../../budget.ts';
import { plimsoll } from '../../messages.ts';
import { dayOf, isOver, monthOf, usedBy, usedOf, usedWords } from '../budget.ts';
import { inDollars } from '../money.ts';
import { type Judged, unread } from './judged.ts';

export type BudgetFacts = {
  environment: string;
  priority: 'normal' | 'P0';
  budget: PlanBudget;
  /** Without what this deploy holds itself. */
  spending: Spending;
  /** What the summary's address says; null: none is configured, or it could not be read. */
  summary: Sums | null;
  /** Lines of this month that could not be read, and lines that are being written. */
  badLines: number;
  /** What could not be read, one sentence each. */
  sourceErrors: string[];
  /** Epoch ms. */
  now: number;
};

export type BudgetVerdict = Judged & {
  /** Its cost is held from now on. */
  reserve: boolean;
  /** What a P0 went through; empty: nothing. */
  through: string[];
};

/** Halts at 100 %. A P0 is never held by money: the worst that an unread source could say is 100 %. */
export function judgeBudget(facts: BudgetFacts): BudgetVerdict {
  const against = [...unknown(facts), ...withoutEstimate(facts), ...over(facts)];
  const seen = seenWords(facts);
  if (against.length === 0) return { open: true, reasons: seen, reserve: true, through: [] };
  if (facts.priority !== 'P0')
    return { open: false, reasons: [...against, ...bad(facts)], reserve: false, through: [] };
  const through = against.map((why) => `P0, NOT HELD BY THE BUDGET: ${why}`);
  return { open: true, reasons: [...through, ...seen], reserve: true, through: against };
}

/** It is recorded of a P0, whose gate does not stay closed. */
const unknown = ({ priority, sourceErrors }: BudgetFacts) =>
  priority === 'P0'
    ? sourceErrors.map((error) => `could not be read: ${error}. Nobody knows what was spent.`)
    : unread(sourceErrors);

const withoutEstimate = ({ environment, budget }: BudgetFacts) =>
  budget.estimate === null
    ? [
        `nothing says what a deploy to ${environment} costs. Set "cost" of that environment in ` +
          'plimsoll.yaml: perDeploy, or perBuildMinute and buildMinutes',
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
    `${what}. Wait until ${until}, raise "budget.${key}" in plimsoll.yaml and start the worker ` +
      'again, or, if customers are harmed now, deploy with --priority P0',
  ];
}

function seenWords(facts: BudgetFacts): string[] {
  const { budget, spending, summary } = facts;
  const used = usedWords(usedOf(spending, summary), budget.limits, budget.agent);
  const cost = budget.estimate === null ? 'at an unknown cost' : about(budget.estimate);
  return [`${cost}; ${used}`, ...bad(facts)];
}

const about = (micros: number) => (micros === 0 ? 'costs nothing' : `about ${inDollars(micros)}`);

const bad = ({ badLines }: BudgetFacts) =>
  badLines === 0
    ? []
    : [
        `${badLines} ${badLines === 1 ? 'line' : 'lines'} of costs could not be read and ` +
          `${badLines === 1 ? 'is' : 'are'} in no sum: ${plimsoll} budget`,
      ];
