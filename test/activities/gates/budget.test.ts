import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBudget } from '../../../activities/budget/budget.ts';
import { createBudgetGate } from '../../../activities/gates/budget.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { final } from '../../../activities/lib/fail.ts';
import { createSafeFetch } from '../../../activities/lib/safe-fetch/safe-fetch.ts';
import type { PlanBudget } from '../../../domain/deploy/budget.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { microsOf } from '../../../domain/lib/money.ts';
import { Budget } from '../../../domain/config/budget.ts';
import { Slack } from '../../../domain/config/slack.ts';
import { noon } from '../budget/budget-fixture.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

let directory: string;
let path: string;
let ledger: Ledger;
let site: Awaited<ReturnType<typeof localSite>>;
let answer: (to: ServerResponse, token: string | undefined) => void;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-budget-'));
  path = join(directory, 'costs.jsonl');
  writeFileSync(path, '');
  ledger = await openLedger({ path: ':memory:' });
  site = await localSite((from, to) => answer(to, from.headers.authorization));
});
afterEach(async () => {
  await site.close();
  await ledger.close();
  rmSync(directory, { recursive: true });
});

const limits = { day: microsOf(20), month: microsOf(1000), task: microsOf(5), agent: microsOf(10) };
const planOf = (over: Partial<PlanBudget> = {}, more: object = {}) =>
  planFor({ budget: { limits, estimate: microsOf(1), agent: null, ...over }, ...more });
const deps = (budget: object) => ({
  config: { budget: Budget.parse(budget) },
  ...{ ledger, now: () => noon, secret: () => 'summary-token' },
  fetch: createSafeFetch({ configured: [site.url] }),
});
const gate = (budget: object = { costs: [path] }) => createBudgetGate(deps(budget));
const check = (plan = planOf(), hold = true, budget?: object) =>
  gate(budget)({ plan, hold }).then(({ open, reasons, loud }) => ({
    open,
    reasons,
    ...(loud ? { loud } : {}),
  }));
const spend = (dollars: number, agent = 'writer') =>
  writeFileSync(
    path,
    `${JSON.stringify({ timestamp: new Date(noon).toISOString(), agent, cost_usd: dollars })}\n`,
    { flag: 'a' },
  );
const held = async () => (await ledger.book.spending(noon)).reserved.total / 1e6;

test('reserves the cost until the deploy ends, however often it is called', async () => {
  spend(3);
  expect(await check()).toEqual({
    open: true,
    reasons: [
      'this deploy costs about $1.00; spent or reserved: today $3.00 of $20.00, month $3.00 of $1,000.00',
    ],
  });
  expect(await check()).toMatchObject({ open: true });
  expect(await held()).toBe(1);
});

test('for a plan alone nothing is reserved', async () => {
  expect(await check(planOf(), false)).toMatchObject({ open: true });
  expect(await held()).toBe(0);
});

test('two deploys at once never get more than is left', async () => {
  spend(18.5);
  const both = await Promise.all(['d-1', 'd-2'].map((deployId) => check(planOf({}, { deployId }))));
  expect(both.filter(({ open }) => open)).toHaveLength(1);
  expect(both.find(({ open }) => !open)?.reasons).toEqual([
    'today: $19.50 of $20.00 is spent or reserved, and this deploy costs about $1.00. Wait until ' +
      '2026-11-25T00:00:00.000Z, or raise "budget.day" in plimsoll.yaml and restart the worker. ' +
      'If customers are harmed now, deploy with --priority P0',
  ]);
  expect(await held()).toBe(1);
});

test('a P0 passes, and the ledger records it once', async () => {
  spend(25);
  const hotfix = planOf({}, { priority: 'P0' });
  const passed = await check(hotfix);
  expect(passed).toMatchObject({ open: true, loud: 1 });
  expect(passed.reasons[0]).toContain('P0, ALLOWED DESPITE THE BUDGET: today: $25.00 of $20.00');
  await check(hotfix);
  expect(await ledger.read({ limit: 9, kinds: ['budget'] })).toMatchObject([
    { key: `${hotfix.deployId}/budget`, body: { what: 'P0, not blocked by the budget' } },
  ]);
  expect(await check(planOf({}, { deployId: 'd-other' }))).toMatchObject({ open: false });
});

test.each<[string, () => string, string]>([
  [
    'is not there',
    () => join(directory, 'gone'),
    'there is no such file. If nothing was spent, create an empty file',
  ],
  ['is a directory', () => directory, 'it is a directory'],
])('a file of costs that %s', async (_, file, why) => {
  const { open, reasons } = await check(planOf(), true, { costs: [file()] });
  expect(open).toBe(false);
  expect(reasons[0]).toBe(
    `a source could not be read: ${file()} of "budget.costs": ${why}. Check it: ls -l ${file()}. ` +
      'There is no data, so the gate stays closed.',
  );
  expect(await held()).toBe(0);
});

test('unreadable lines are reported', async () => {
  writeFileSync(path, 'nonsense\n{"half');
  expect((await check()).reasons.at(-1)).toBe(
    '2 cost lines could not be read and are not in the sums. For details: plimsoll budget',
  );
});

test('a plan without a budget is no pass', async () => {
  await expect(gate()({ plan: planFor({}), hold: true })).rejects.toMatchObject({
    ...{ type: 'Misconfigured' },
    message: 'The plan has no budget, so the budget cannot be checked. Deploy again.',
  });
});

describe('a summary', () => {
  const good = { date: '2026-11-24', day_usd: 4, month_usd: 40, agents: { writer: 2 } };
  const asked = (plan = planOf()) =>
    check(plan, true, { summary: { url: site.url, token: 'env:TOKEN' } });
  const says = (body: string, status = 200) => {
    answer = (to) => {
      to.statusCode = status;
      to.end(body);
    };
  };

  test('is asked with its token, and counts', async () => {
    answer = (to, token) => to.end(token === 'Bearer summary-token' ? JSON.stringify(good) : '');
    expect(await asked()).toEqual({
      open: true,
      reasons: [
        'this deploy costs about $1.00; spent or reserved: today $4.00 of $20.00, month $40.00 of $1,000.00',
      ],
    });
  });

  test.each<[string, string, number, string]>([
    ['401', '', 401, 'it answered 401'],
    ['403', JSON.stringify(good), 403, 'it answered 403'],
    ['404', '', 404, 'it answered 404'],
    ['204', '', 204, 'it answered 204'],
    ['nothing', '', 200, 'its answer is not a JSON object'],
    ['a cut answer', JSON.stringify(good).slice(0, 30), 200, 'its answer is not a JSON object'],
    ['a page', '<html>log in</html>', 200, 'its answer is not a JSON object'],
    ['null', 'null', 200, 'its answer is not a JSON object'],
    ['another form', '{"total": 3}', 200, 'its answer has no valid "date"'],
    ['a debt', JSON.stringify({ ...good, day_usd: -1 }), 200, 'its answer has no valid "day_usd"'],
    [
      'text',
      JSON.stringify({ ...good, month_usd: '4' }),
      200,
      'its answer has no valid "month_usd"',
    ],
    [
      'a bad agent',
      JSON.stringify({ ...good, agents: { a: 'x' } }),
      200,
      'its answer has no valid "agents.a"',
    ],
    [
      'too much',
      `${JSON.stringify(good)}${' '.repeat(70_000)}`,
      200,
      'its answer is longer than 64 KB',
    ],
  ])('%s closes the gate', async (_, body, status, why) => {
    says(body, status);
    const { open, reasons } = await asked();
    expect(open).toBe(false);
    expect(reasons[0]).toBe(
      `a source could not be read: ${site.url} cannot be read as a summary of costs: ${why}. Fix ` +
        '"budget.summary" in plimsoll.yaml, or the service at that address. There is no data, so the gate ' +
        'stays closed.',
    );
    expect(await held()).toBe(0);
  });

  const passing: [string, string, number, string][] = [
    ['429', '', 429, 'answered 429.'],
    ['500', '', 500, 'answered 500.'],
    ['503', '', 503, 'answered 503.'],
    [
      'yesterday',
      JSON.stringify({ ...good, date: '2026-11-23' }),
      200,
      'sent the costs of 2026-11-23, but today is 2026-11-24 in UTC.',
    ],
  ];

  test.each(passing)('%s is asked again', async (_, body, status, why) => {
    says(body, status);
    await expect(asked()).rejects.toMatchObject({
      type: 'Unavailable',
      message: `${site.url} ${why}`,
    });
  });

  test('and one that hangs up', async () => {
    answer = (to) => to.destroy();
    await expect(asked()).rejects.toMatchObject({ type: 'Unavailable' });
  });

  const hotfix = () => planOf({}, { priority: 'P0' });

  test.each(passing)('%s does not block a P0, which is recorded', async (_, body, status, why) => {
    says(body, status);
    const through = `a source could not be read: ${site.url} ${why} The amount spent is unknown.`;
    expect(await asked(hotfix())).toEqual({
      open: true,
      loud: 1,
      reasons: [
        `P0, ALLOWED DESPITE THE BUDGET: ${through}`,
        'this deploy costs about $1.00; spent or reserved: today $0.00 of $20.00, month $0.00 of $1,000.00',
      ],
    });
    expect(await held()).toBe(1);
    expect(await ledger.read({ limit: 9, kinds: ['budget'] })).toMatchObject([
      { key: `${hotfix().deployId}/budget`, body: { through: [through] } },
    ]);
  });

  test('and neither does one that hangs up, or a token that is not set', async () => {
    answer = (to) => to.destroy();
    expect(await asked(hotfix())).toMatchObject({ open: true });
    const secret = () => {
      throw final(failures.misconfigured, 'no TOKEN.');
    };
    const budget = { summary: { url: site.url, token: 'env:TOKEN' } };
    const unset = createBudgetGate({ ...deps(budget), secret });
    const first = async (plan: Plan) => (await unset({ plan, hold: false })).reasons[0];
    expect(await first(hotfix())).toBe(
      'P0, ALLOWED DESPITE THE BUDGET: a source could not be read: no TOKEN. The amount spent is unknown.',
    );
    expect(await first(planOf())).toBe(
      'a source could not be read: no TOKEN. There is no data, so the gate stays closed.',
    );
  });

  test('a P0 that is cancelled while it asks ends', async () => {
    const environment = new MockActivityEnvironment();
    answer = () => environment.cancel();
    const budget = { summary: { url: site.url } };
    const run = environment.run(() => gate(budget)({ plan: hotfix(), hold: true }));
    await expect(run).rejects.toBeInstanceOf(CancelledFailure);
    expect(await held()).toBe(0);
  });
});

describe('an alert to people', () => {
  const told = createBudget;
  test('is due until it is recorded', async () => {
    spend(16);
    const { tallyBudget, dueAlerts } = told(deps({ costs: [path] }));
    const report = await tallyBudget();
    expect(report.unreported).toEqual([
      'Budget, today: 75 % is spent ($16.00 of $20.00)',
      'Budget, writer today: 100 % is spent ($16.00 of $10.00)',
    ]);
    expect(report).toMatchObject({ used: { day: 16e6 }, sourceErrors: [], bad: { total: 0 } });
    const keys = [50, 75].map((line) => `budget/day/2026-11-24/${line}`);
    const due = async () => (await dueAlerts({ report })).map((alert) => alert.keys);
    const writer = [50, 75, 90, 100].map((line) => `budget/agent/writer/2026-11-24/${line}`);
    expect(await due()).toEqual([keys, writer]);
    const place = { deployId: null, project: null, environment: null, body: {} };
    const record = (key: string) => ledger.append({ kind: 'budget', key, ...place });
    await record(keys[0] ?? '');
    expect(await due()).toEqual([[keys[1]], writer]);
    await record(keys[1] ?? '');
    expect(await due()).toEqual([writer]);
    for (const key of writer) await record(key);
    expect((await tallyBudget()).unreported).toEqual([]);
  });

  test.each<[string, object, boolean]>([
    ['nobody', {}, false],
    ['those at Slack', { slack: Slack.parse({ token: 'env:T' }) }, true],
    ['who is called', { page: { webhook: 'http://127.0.0.1:1/page' } }, true],
  ])('can be %s', async (_, ways, reachable) => {
    const known = deps({});
    const { tallyBudget } = told({ ...known, config: { ...known.config, ...ways } });
    expect(await tallyBudget()).toMatchObject({ reachable });
  });

  test('nothing, where no budget is configured', async () => {
    const { tallyBudget } = told({ ...deps({}), config: {} });
    await expect(tallyBudget()).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        'No budget is configured, so no cost is counted and no deploy is blocked.\n' +
        'Add a budget to plimsoll.yaml, for example "budget: {}", and add "cost" to each environment. Then start the worker again.',
    });
  });
});
