import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PlainActivities, Note, Page } from '../../../domain/contract/activities.ts';
import type { BudgetReport } from '../../../domain/deploy/budget.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { DeployReport } from '../../../domain/deploy/plan.ts';
import { budgetAlerts } from '../../../domain/budget/budget-alerts.ts';
import { budget } from '../../../workflows/scheduled/budget.ts';
import { fakeActivities } from '../../support/fake-activities.ts';
import { openGate, planFor } from '../../support/plan.ts';
import { bundle, runDeploy, timeSkipping } from '../../support/saga.ts';
import { warmWorker } from '../../support/warm-worker.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const limits = { day: 100, month: 1000, task: 50, agent: 1000 };
const sums = (day: number) => ({ day, month: day, agents: {} });
const reportOf = (day: number): BudgetReport => ({
  ...{ at: '2026-11-24T12:00:00.000Z', limits, used: sums(day), sourceErrors: [] },
  ...{ unreported: [], reachable: true },
  spending: {
    ...{ costs: sums(day), deploys: sums(0) },
    reserved: { deploys: 0, total: 0, agents: {} },
  },
  bad: { total: 0, newest: [] },
});

type Run = { change?: Partial<PlainActivities>; notify?: boolean; channel?: string | null };

/**
 * Runs the budget workflow once. `rows` stands for the ledger. A test passes the same `rows` to
 * every run.
 */
async function run(day: number, rows: Set<string>, how: Run = {}) {
  const { change = {}, notify = true, channel = '#d' } = how;
  const said: Note[] = [];
  const pages: Page[] = [];
  const report = reportOf(day);
  const { activities } = fakeActivities(Date.now, {
    tallyBudget: async () => report,
    dueAlerts: async () =>
      budgetAlerts(report.used, limits, Date.parse(report.at))
        .map((alert) => ({ ...alert, keys: alert.keys.filter((key) => !rows.has(key)) }))
        .filter(({ keys }) => keys.length > 0),
    append: async ({ key }) => void rows.add(key),
    notify: async (note) => Boolean(said.push(note)),
    page: async (page) => {
      pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    ...change,
  });
  const { taskQueue, runUntil } = await warmWorker(env, code, activities);
  const asked: Parameters<typeof budget> = [{ notify, channel }];
  const start = { taskQueue, workflowId: `budget-${process.pid}`, args: asked };
  const answer = await runUntil(() => env.client.workflow.execute(budget, start));
  return { answer, said: said.map(({ text }) => text.split('\n')[0]), pages: pages.length };
}

test('every limit is reported once; at 100 % a person is paged too', async () => {
  const rows = new Set<string>();
  expect(await run(40, rows)).toMatchObject({ said: [], pages: 0 });
  expect(await run(50, rows)).toMatchObject({
    said: ['Budget, today: 50 % is spent ($0.00005 of $0.0001).'],
    pages: 0,
  });
  expect(await run(60, rows)).toMatchObject({ said: [], pages: 0 });
  expect(await run(100, rows)).toMatchObject({
    said: [expect.stringContaining('100 %')],
    pages: 1,
  });
  expect(await run(120, rows)).toMatchObject({ said: [], pages: 0 });
  expect([...rows]).toEqual([50, 75, 90, 100].map((line) => `budget/day/2026-11-24/${line}`));
});

test('a message that Slack did not take is sent by the next run', async () => {
  const rows = new Set<string>();
  const silent = async () => {
    throw ApplicationFailure.nonRetryable('Slack is away', failures.misconfigured);
  };
  const { answer } = await run(75, rows, { change: { notify: silent } });
  expect(answer.unreported).toEqual(['Budget, today: 75 % is spent ($0.000075 of $0.0001)']);
  expect([...rows]).toEqual([]);
  expect(await run(75, rows)).toMatchObject({ said: [expect.stringContaining('75 %')] });
});

test('without Slack a person is paged at every limit, once', async () => {
  const rows = new Set<string>();
  const called = { said: [], pages: 1, answer: { unreported: [] } };
  for (const day of [50, 75, 100])
    expect(await run(day, rows, { channel: null })).toMatchObject(called);
  expect(await run(110, rows, { channel: null })).toMatchObject({ said: [], pages: 0 });
  expect([...rows]).toEqual([50, 75, 90, 100].map((line) => `budget/day/2026-11-24/${line}`));
});

test.each([50, 100])(
  'at %d percent an alert without a receiver does not count as sent',
  async (day) => {
    const rows = new Set<string>();
    const page: PlainActivities['page'] = async () => ({ reached: [], failed: [] });
    const { answer } = await run(day, rows, { channel: null, change: { page } });
    expect(answer.unreported).toEqual([expect.stringContaining(`${day} % is spent`)]);
    expect([...rows]).toEqual([]);
    const unheard = { page, notify: async () => false };
    expect((await run(day, rows, { change: unheard })).answer.unreported).toHaveLength(1);
    expect([...rows]).toEqual([]);
    expect(await run(day, rows, { channel: null })).toMatchObject({ pages: 1 });
    expect(rows.size).toBe(day === 50 ? 1 : 4);
  },
);

test('a reading of the budget notifies nobody', async () => {
  const rows = new Set<string>();
  const { answer, said } = await run(100, rows, { notify: false });
  expect([answer.used.day, said, [...rows]]).toEqual([100, [], []]);
});

const priced = async () => ({
  ...planFor({ budget: { limits, estimate: 10, agent: null } }),
  notAfter: new Date((await env.currentTimeMs()) + planFor().timing.expireMs).toISOString(),
});

test('a deploy over its budget closes at the gate, untouched', async () => {
  const asked: boolean[] = [];
  const checkBudget: PlainActivities['checkBudget'] = async ({ hold }) => {
    asked.push(hold);
    return { ...openGate('budget', ''), open: false, reasons: ['today: all is spent'] };
  };
  const { result, calls } = await runDeploy(
    env,
    code,
    { planDeploy: priced, checkBudget },
    async () => {},
  );
  const { value } = result as PromiseFulfilledResult<DeployReport>;
  expect(value).toMatchObject({ outcome: 'gate-closed', reasons: ['budget: today: all is spent'] });
  expect(asked).toEqual([true]);
  expect(calls.filter((call) => /^(stage|switch)/.test(call))).toEqual([]);
});

test('without a budget there is no such gate', async () => {
  const checkBudget = async () => {
    throw new Error('the plan has no budget, so nothing may call checkBudget');
  };
  const planDeploy = async () => {
    const { budget: _, ...plan } = await priced();
    return { ...plan, rule: { ...plan.rule, required: 0 as const } };
  };
  const { result } = await runDeploy(env, code, { planDeploy, checkBudget }, async () => {});
  expect((result as PromiseFulfilledResult<DeployReport>).value.outcome).toBe('succeeded');
});
