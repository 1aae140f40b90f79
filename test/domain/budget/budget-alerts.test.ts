import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetAlerts } from '../../../domain/budget/budget-alerts.ts';
import { alertPage, budgetDetails, unreportedLines } from '../../../domain/messages/budget.ts';
import { microsOf } from '../../../domain/lib/money.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const limits = { day: microsOf(20), month: microsOf(1000), task: microsOf(5), agent: microsOf(10) };
const used = (day: number, month = day, agents: Record<string, number> = {}) => ({
  ...{ day: microsOf(day), month: microsOf(month) },
  agents: Object.fromEntries(Object.entries(agents).map(([name, it]) => [name, microsOf(it)])),
});
const keysOf = (...asked: Parameters<typeof used>) =>
  budgetAlerts(used(...asked), limits, now).flatMap(({ keys }) => keys);

test.each<[string, Parameters<typeof used>, string[]]>([
  ['nothing', [0], []],
  ['a cent less than half', [9.99], []],
  ['half of the day', [10], ['budget/day/2026-11-24/50']],
  ['three quarters', [15], ['budget/day/2026-11-24/50', 'budget/day/2026-11-24/75']],
  ['half of the month', [0, 500], ['budget/month/2026-11/50']],
  ['half of an agent', [5, 5, { writer: 5 }], ['budget/agent/writer/2026-11-24/50']],
])('%s', (_, spent, keys) => {
  expect(keysOf(...spent)).toEqual(keys);
});

test('one message a limit, of the last line that was passed', () => {
  expect(budgetAlerts(used(25, 25), limits, now)).toEqual([
    {
      keys: [50, 75, 90, 100].map((percent) => `budget/day/2026-11-24/${percent}`),
      percent: 100,
      title: 'Budget, today: 100 % is spent ($25.00 of $20.00)',
      text:
        'Until 2026-11-25T00:00:00.000Z only deploys with --priority P0 are allowed. A ' +
        'rollback is always allowed.\n' +
        'See who spent how much: plimsoll budget',
    },
  ]);
  const [alert] = budgetAlerts(used(0, 900), limits, now);
  expect(alert?.title).toBe('Budget, this month: 90 % is spent ($900.00 of $1,000.00)');
  expect(alert?.text).toContain(
    'At 100 %, only deploys with --priority P0 are allowed until 2026-12-01T00:00:00.000Z.',
  );
  expect(alert && alertPage(alert)).toMatchObject({ step: 'budget/month/2026-11/90' });
});

test('a limit of nothing is passed by the first cent', () => {
  expect(budgetAlerts(used(0), { ...limits, day: 0 }, now)).toEqual([]);
  expect(budgetAlerts(used(0.01), { ...limits, day: 0 }, now)[0]?.percent).toBe(100);
});

test('who spends in any steps passes each line once', () => {
  const steps = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (spent) => {
      const told = new Set<string>();
      let total = 0;
      for (const one of spent) {
        total += one;
        for (const key of keysOf(total)) told.add(key);
      }
      const day = [...told].filter((key) => key.startsWith('budget/day/'));
      const passed = [50, 75, 90, 100].filter((line) => microsOf(total) * 100 >= limits.day * line);
      expect(day.toSorted()).toEqual(
        passed.map((line) => `budget/day/2026-11-24/${line}`).toSorted(),
      );
    }),
  );
});

describe('what the Web UI shows', () => {
  const report = {
    at: new Date(now).toISOString(),
    limits,
    used: used(3.4, 120, { writer: 1.25 }),
    spending: {
      ...{ costs: used(3.4, 120), deploys: used(0) },
      reserved: { deploys: 0, total: 0, agents: {} },
    },
    bad: { total: 0, newest: [] },
    ...{ sourceErrors: [], unreported: [], reachable: true },
  };
  const lines = [
    'today $3.40 of $20.00, 17 %',
    'month $120.00 of $1,000.00, 12 %',
    'writer today $1.25 of $10.00, 12 %',
  ];

  test('of a good day', () => {
    const open = 'open deploys reserve nothing';
    expect(budgetDetails(report).split('\n')).toEqual([...lines, open]);
  });

  test('and what is missing comes first', () => {
    const newest = [{ path: '/var/costs.jsonl', line: 7, why: 'it is not JSON' }];
    const reserved = { deploys: 2, total: microsOf(0.5), agents: {} };
    const more = {
      ...report,
      ...{ bad: { total: 1, newest }, sourceErrors: ['/var/more.jsonl: there is no such file'] },
      spending: { ...report.spending, reserved },
    };
    expect(budgetDetails(more).split('\n')).toEqual([
      'a source could not be read: /var/more.jsonl: there is no such file.',
      '1 line of this month could not be read:',
      '/var/costs.jsonl:7: it is not JSON',
      ...lines,
      '$0.50 of these sums is reserved by 2 open deploys',
    ]);
  });

  test('and so does what nobody was told, or can be', () => {
    const unreported = ['Budget, today: 75 % is spent ($15.00 of $20.00)'];
    expect(unreportedLines({ ...report, unreported })).toEqual([
      'Nobody was notified yet: Budget, today: 75 % is spent ($15.00 of $20.00)',
    ]);
    expect(budgetDetails({ ...report, unreported, reachable: false }).split('\n')).toEqual([
      'Nobody was notified yet: Budget, today: 75 % is spent ($15.00 of $20.00)',
      'NOBODY IS NOTIFIED at 50, 75, 90 and 100 % of a limit: plimsoll.yaml has neither ' +
        '"slack" nor "page". Add one of them and start the worker again.',
      ...lines,
      'open deploys reserve nothing',
    ]);
  });
});
