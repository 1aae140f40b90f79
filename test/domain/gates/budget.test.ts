import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeBudget, type BudgetFacts } from '../../../domain/gates/budget.ts';
import { microsOf } from '../../../domain/lib/money.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const limits = {
  day: microsOf(20),
  month: microsOf(1000),
  task: microsOf(5),
  agent: microsOf(10),
};
const sums = (day = 0, month = day, agents: Record<string, number> = {}) => ({
  day: microsOf(day),
  month: microsOf(month),
  agents: Object.fromEntries(Object.entries(agents).map(([name, it]) => [name, microsOf(it)])),
});
const held = (total = 0, agents: Record<string, number> = {}) => ({
  deploys: total > 0 ? 1 : 0,
  total: microsOf(total),
  agents: sums(0, 0, agents).agents,
});
const base: BudgetFacts = {
  environment: 'production',
  priority: 'normal',
  budget: { limits, estimate: microsOf(0.12), agent: null },
  spending: { costs: sums(3.4, 120), deploys: sums(), reserved: held() },
  summary: null,
  badLines: 0,
  sourceErrors: [],
  now: Date.parse('2026-11-24T12:00:00Z'),
};
const with_ = (over: Partial<BudgetFacts>): BudgetFacts => ({ ...base, ...over });
const spent = (
  costs: BudgetFacts['spending']['costs'],
  deploys = sums(),
  reserved = held(),
): Partial<BudgetFacts> => ({ spending: { costs, deploys, reserved } });
const priced = (estimate: number | null, agent: string | null = null): Partial<BudgetFacts> => ({
  budget: { limits, estimate: estimate === null ? null : microsOf(estimate), agent },
});
const exits = (key: string, until: string) =>
  `. Wait until ${until}, or raise "budget.${key}" in plimsoll.yaml and restart the worker. ` +
  'If customers are harmed now, deploy with --priority P0';
const tomorrow = '2026-11-25T00:00:00.000Z';
const december = '2026-12-01T00:00:00.000Z';
const noEstimate =
  'the cost of a deploy to production is not configured. Set "cost" of that environment in ' +
  'plimsoll.yaml: perDeploy, or perBuildMinute and buildMinutes';

describe('open', () => {
  test.each<[string, Partial<BudgetFacts>, string[]]>([
    [
      'within all limits',
      {},
      [
        'this deploy costs about $0.12; spent or reserved: today $3.40 of $20.00, month $120.00 of $1,000.00',
      ],
    ],
    [
      'nothing was spent yet',
      spent(sums()),
      [
        'this deploy costs about $0.12; spent or reserved: today $0.00 of $20.00, month $0.00 of $1,000.00',
      ],
    ],
    [
      'to the last cent',
      spent(sums(19.88)),
      [
        'this deploy costs about $0.12; spent or reserved: today $19.88 of $20.00, month $19.88 of $1,000.00',
      ],
    ],
    [
      'a host of our own',
      priced(0),
      [
        'this deploy costs nothing; spent or reserved: today $3.40 of $20.00, month $120.00 of $1,000.00',
      ],
    ],
    [
      'a task of $6.20 is a matter for the approval rule',
      priced(6.2),
      [
        'this deploy costs about $6.20; spent or reserved: today $3.40 of $20.00, month $120.00 of $1,000.00',
      ],
    ],
    [
      'an agent within its day',
      { ...priced(0.12, 'ci-bot'), ...spent(sums(3.4, 120, { 'ci-bot': 1 })) },
      [
        'this deploy costs about $0.12; spent or reserved: today $3.40 of $20.00, month $120.00 of $1,000.00, ci-bot today $1.00 of $10.00',
      ],
    ],
    [
      'another agent spent its day',
      { ...priced(0.12, 'ci-bot'), ...spent(sums(12, 12, { other: 12 })) },
      [
        'this deploy costs about $0.12; spent or reserved: today $12.00 of $20.00, month $12.00 of $1,000.00, ci-bot today $0.00 of $10.00',
      ],
    ],
    [
      'files and summary tell of the same costs: the higher one',
      { summary: sums(4, 90) },
      [
        'this deploy costs about $0.12; spent or reserved: today $4.00 of $20.00, month $120.00 of $1,000.00',
      ],
    ],
    [
      'lines that could not be read are said',
      { badLines: 3 },
      [
        'this deploy costs about $0.12; spent or reserved: today $3.40 of $20.00, month $120.00 of $1,000.00',
        '3 cost lines could not be read and are not in the sums. For details: plimsoll budget',
      ],
    ],
    [
      'one line that could not be read is said',
      { badLines: 1 },
      [
        'this deploy costs about $0.12; spent or reserved: today $3.40 of $20.00, month $120.00 of $1,000.00',
        '1 cost line could not be read and is not in the sums. For details: plimsoll budget',
      ],
    ],
  ])('%s', (_, over, reasons) => {
    expect(judgeBudget(with_(over))).toEqual({ open: true, reasons, reserve: true, through: [] });
  });
});

const closed: [string, Partial<BudgetFacts>, string[]][] = [
  [
    'the day is spent',
    spent(sums(20, 120)),
    [`today: $20.00 of $20.00 is spent or reserved${exits('day', tomorrow)}`],
  ],
  [
    'the day is spent, also for what costs nothing',
    { ...priced(0), ...spent(sums(21, 120)) },
    [`today: $21.00 of $20.00 is spent or reserved${exits('day', tomorrow)}`],
  ],
  [
    'this deploy would go beyond the day',
    spent(sums(19.95, 120)),
    [
      'today: $19.95 of $20.00 is spent or reserved, and this deploy costs about $0.12' +
        exits('day', tomorrow),
    ],
  ],
  [
    'open deploys hold what is left of the day',
    spent(sums(3, 120), sums(2), held(14.9)),
    [
      'today: $19.90 of $20.00 is spent or reserved, and this deploy costs about $0.12' +
        exits('day', tomorrow),
    ],
  ],
  [
    'the month is spent',
    spent(sums(1, 1000)),
    [`this month: $1,000.00 of $1,000.00 is spent or reserved${exits('month', december)}`],
  ],
  [
    'the summary knows more than the files',
    { summary: sums(20, 120) },
    [`today: $20.00 of $20.00 is spent or reserved${exits('day', tomorrow)}`],
  ],
  [
    'the agent has spent its day',
    { ...priced(0.12, 'ci-bot'), ...spent(sums(11, 120, { 'ci-bot': 10 })) },
    [`ci-bot today: $10.00 of $10.00 is spent or reserved${exits('agent', tomorrow)}`],
  ],
  [
    'deploys of the agent count as its costs',
    {
      ...priced(0.12, 'ci-bot'),
      ...spent(
        sums(4, 4, { 'ci-bot': 4 }),
        sums(3, 3, { 'ci-bot': 3 }),
        held(2.9, { 'ci-bot': 2.9 }),
      ),
    },
    [
      'ci-bot today: $9.90 of $10.00 is spent or reserved, and this deploy costs about $0.12' +
        exits('agent', tomorrow),
    ],
  ],
  [
    'day, month and agent: every reason',
    { ...priced(0.12, 'ci-bot'), ...spent(sums(20, 1000, { 'ci-bot': 20 })) },
    [
      `today: $20.00 of $20.00 is spent or reserved${exits('day', tomorrow)}`,
      `this month: $1,000.00 of $1,000.00 is spent or reserved${exits('month', december)}`,
      `ci-bot today: $20.00 of $10.00 is spent or reserved${exits('agent', tomorrow)}`,
    ],
  ],
  ['its cost is not configured', priced(null), [noEstimate]],
  [
    'a source could not be read',
    { sourceErrors: ['https://costs.example.com/api/costs/summary answered 403'] },
    [
      'a source could not be read: https://costs.example.com/api/costs/summary answered 403. There is ' +
        'no data, so the gate stays closed.',
    ],
  ],
  [
    'closed, and lines that could not be read',
    { ...spent(sums(20, 120)), badLines: 2 },
    [
      `today: $20.00 of $20.00 is spent or reserved${exits('day', tomorrow)}`,
      '2 cost lines could not be read and are not in the sums. For details: plimsoll budget',
    ],
  ],
  [
    'the last second of the month',
    { ...spent(sums(1, 1000)), now: Date.parse('2026-12-31T23:59:59.999Z') },
    [
      `this month: $1,000.00 of $1,000.00 is spent or reserved${exits('month', '2027-01-01T00:00:00.000Z')}`,
    ],
  ],
];

describe('closed', () => {
  test.each(closed)('%s', (_, over, reasons) => {
    expect(judgeBudget(with_(over))).toEqual({ open: false, reasons, reserve: false, through: [] });
    expect(withoutWay(reasons, over.sourceErrors)).toEqual([]);
  });
});

describe('a P0 passes, loudly', () => {
  test.each(closed)('%s', (_, over) => {
    const why = judgeBudget(with_(over))
      .reasons.filter((line) => !line.endsWith('plimsoll budget'))
      .map((line) =>
        line.replace('There is no data, so the gate stays closed.', 'The amount spent is unknown.'),
      );
    const { open, reserve, through, reasons } = judgeBudget(with_({ ...over, priority: 'P0' }));
    expect({ open, reserve, through }).toEqual({ open: true, reserve: true, through: why });
    expect(reasons.slice(0, why.length)).toEqual(
      why.map((line) => `P0, ALLOWED DESPITE THE BUDGET: ${line}`),
    );
  });

  test('within the budget it is like any other', () => {
    expect(judgeBudget(with_({ priority: 'P0' }))).toEqual(judgeBudget(base));
  });
});

test('whatever was spent: open only if all of it and this deploy fit', () => {
  const cents = fc.integer({ min: 0, max: 3000 });
  fc.assert(
    fc.property(cents, cents, cents, cents, (costs, deploys, reserved, estimate) => {
      const facts = with_({
        ...priced(estimate / 100),
        ...spent(sums(costs / 100), sums(deploys / 100), held(reserved / 100)),
      });
      const used = costs + deploys + reserved;
      expect(judgeBudget(facts).open).toBe(used < 2000 && used + estimate <= 2000);
    }),
  );
});
