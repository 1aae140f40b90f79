import { describe, expect, test } from 'vitest';
import { halted, renderBudget } from '../../../client/commands/budget.ts';
import { createPaint } from '../../../domain/messages/parts/paint.ts';
import type { BudgetReport } from '../../../domain/deploy/budget.ts';
import { microsOf } from '../../../domain/lib/money.ts';

const limits = { day: microsOf(20), month: microsOf(1000), task: microsOf(5), agent: microsOf(10) };
const reportOf = (day: number, month = day, agents = {}, over = {}): BudgetReport => {
  const used = { day: microsOf(day), month: microsOf(month), agents };
  const none = { day: 0, month: 0, agents: {} };
  return {
    ...{ at: '2026-11-24T12:00:00.000Z', limits, used, sourceErrors: [] },
    ...{ unreported: [], reachable: true },
    spending: { costs: used, deploys: none, reserved: { deploys: 1, total: 120_000, agents: {} } },
    bad: { total: 0, newest: [] },
    ...over,
  };
};
const shown = (report: BudgetReport) => renderBudget(report, createPaint(false)).split('\n');

describe('a budget on the screen', () => {
  test('of which something is left', () => {
    expect(shown(reportOf(3.4, 120, { writer: microsOf(1) }))).toEqual([
      'today $3.40 of $20.00, 17 %',
      'month $120.00 of $1,000.00, 12 %',
      'writer today $1.00 of $10.00, 10 %',
      '$0.12 of these sums is reserved by an open deploy',
    ]);
  });

  test('that is spent', () => {
    const report = reportOf(20, 120, { writer: microsOf(11) });
    expect(shown(report).slice(0, 2)).toEqual([
      'HALTED: only a deploy with --priority P0 may start',
      'writer may not deploy any more today',
    ]);
  });

  test('of which nobody was notified, and nobody can be', () => {
    const unreported = ['Budget, today: 50 % is spent ($10.00 of $20.00)'];
    expect(shown(reportOf(10, 10, {}, { unreported, reachable: false }))).toEqual([
      'today $10.00 of $20.00, 50 %',
      'month $10.00 of $1,000.00, 1 %',
      '$0.12 of these sums is reserved by an open deploy',
      'Nobody was notified yet: Budget, today: 50 % is spent ($10.00 of $20.00)',
      'NOBODY IS NOTIFIED at 50, 75, 90 and 100 % of a limit: plimsoll.yaml has neither ' +
        '"slack" nor "page". Add one of them and start the worker again.',
    ]);
  });

  test('names cannot repaint it', () => {
    const evil = 'a\u001b[2J\nfine';
    const newest = [{ path: '/c', line: 1, why: evil }];
    const report = reportOf(1, 1, { [evil]: microsOf(11) }, { bad: { total: 1, newest } });
    for (const line of shown(report)) expect(JSON.stringify(line)).not.toMatch(/\\u001b|\\n/);
  });
});

test.each<[string, BudgetReport, boolean]>([
  ['something is left', reportOf(19.99), false],
  ['the day is spent', reportOf(20), true],
  ['the month is spent', reportOf(1, 1000), true],
  ['an agent alone is out', reportOf(12, 12, { writer: microsOf(12) }), false],
  ['nobody knows', reportOf(0, 0, {}, { sourceErrors: ['x'] }), true],
])('%s: halted %s', (_, report, expected) => {
  expect(halted(report)).toBe(expected);
});
