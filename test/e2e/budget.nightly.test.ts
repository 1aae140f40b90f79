import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { BudgetReport } from '../../domain/deploy/budget.ts';
import { budgetId } from '../../domain/deploy/wire.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const good = {
  first: samples.good(1),
  next: samples.good(2),
  checks: 'success',
  hosts: 1,
} as const;
const fleetProjects: ProjectSpec[] = ['calm', 'left', 'right', 'hot'].map((name) => ({
  ...good,
  name,
}));

let stack: Stack;
let costs: string;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects,
    edit: (config, directory) => {
      costs = join(directory, 'costs.jsonl');
      appendFileSync(costs, '');
      config.budget = { costs: [costs], agent: 1000 };
      for (const { environments } of Object.values<any>(config.projects))
        environments.production.cost = { perBuildMinute: 0.5, buildMinutes: 2 };
    },
  });
});
afterAll(() => stack?.close());

const spend = (dollars: number) => {
  const line = { timestamp: new Date().toISOString(), agent: 'writer', cost_usd: dollars };
  appendFileSync(costs, `${JSON.stringify(line)}\n`);
};
const budget = async () => {
  const { stdout, code } = await stack.cli(['budget', '--json']);
  const report = JSON.parse(stdout) as BudgetReport;
  const { reserved } = report.spending;
  return { code, used: report.used.day / 1e6, held: reserved.total / 1e6, bad: report.bad.total };
};
const outcomes = (names: string[]) =>
  Promise.all(names.map(async (name) => (await stack.status(name)).outcome));

test('the cost of a deploy is reserved while it is open, and spent when it is live', async () => {
  spend(3);
  appendFileSync(costs, 'nonsense\n');
  // `plimsoll plan` reserves no money.
  const looked = await stack.cli(['plan', 'calm', environment, ...stack.as('casey')]);
  expect(looked.stdout).toContain('about $1.00; above $5.00, a person must approve');
  expect(await budget()).toMatchObject({ used: 3, held: 0 });
  await stack.deploy('calm');
  const { gates } = await stack.reached('calm', 'approval');
  expect(gates.find(({ gate }) => gate === 'budget')?.reasons[0]).toMatch(
    /^this deploy costs about \$1\.00; spent or reserved: today \$3\.00 of \$20\.00, month \$3\.00 of \$1,000\.00/,
  );
  expect(await budget()).toEqual({ code: 0, used: 4, held: 1, bad: 1 });
  await stack.approve('calm');
  expect(await stack.report('calm')).toMatchObject({ outcome: 'succeeded' });
  expect(await budget()).toEqual({ code: 0, used: 4, held: 0, bad: 1 });
});

test('two at once get no more than is left, and an abort frees its reservation', async () => {
  spend(14.5);
  const both = ['left', 'right'];
  await Promise.all(both.map((name) => stack.deploy(name)));
  await eventually('both budgets are checked', async () => {
    const phases = await Promise.all(both.map(async (name) => (await stack.status(name)).phase));
    return phases.every((phase) => phase === 'approval' || phase === 'closed');
  });
  const [one = '', other = ''] = (await outcomes(both))[0] === null ? both : both.toReversed();
  expect(await stack.report(other)).toMatchObject({
    outcome: 'gate-closed',
    touched: false,
    reasons: expect.arrayContaining([
      expect.stringMatching(
        /^budget: today: \$19\.50 of \$20\.00 is spent or reserved, and this deploy costs about \$1\.00\./,
      ),
    ]),
  });
  expect(await budget()).toMatchObject({ code: 0, used: 19.5, held: 1 });
  await stack.cli(['abort', one, environment]);
  expect(await stack.report(one)).toMatchObject({ outcome: 'aborted' });
  expect(await budget()).toMatchObject({ code: 0, used: 18.5, held: 0 });
});

test('only a P0 begins when all is spent, and every screen says so', async () => {
  spend(10);
  expect(await budget()).toMatchObject({ code: 7, used: 28.5 });
  await stack.deploy('left');
  expect(await stack.report('left')).toMatchObject({ outcome: 'gate-closed' });
  await stack.deploy('hot', ['--priority', 'P0', '--reason', 'customers cannot pay']);
  const { gates } = await stack.reached('hot', 'approval');
  const { open, reasons = [] } = gates.find(({ gate }) => gate === 'budget') ?? {};
  expect([open, reasons[0]?.slice(0, 48)]).toEqual([
    true,
    'P0, ALLOWED DESPITE THE BUDGET: today: $28.50 of',
  ]);
  await stack.cli(['abort', 'hot', environment]);
  await stack.report('hot');
  const { stdout } = await stack.cli(['history', 'hot', environment, '--json']);
  expect((JSON.parse(stdout) as Entry[]).map(({ kind }) => kind)).toContain('budget');
});

test('people are notified once', async () => {
  const schedule = stack.client.schedule.getHandle(budgetId);
  const begun = async () => (await schedule.describe()).info.recentActions;
  const heard = async () =>
    (await stack.slackMessages())
      .map(({ text }) => text.split('\n')[0] ?? '')
      .filter((text) => text.startsWith('Budget'));
  for (const run of [1, 2]) {
    const before = (await begun()).length;
    await schedule.trigger();
    await eventually(`run ${run} begins`, async () => (await begun()).length > before);
    const { workflowId } = (await begun()).at(-1)?.action.workflow ?? {};
    await stack.client.workflow.getHandle(workflowId ?? '').result();
  }
  expect((await heard()).toSorted()).toEqual(['Budget, today: 100 % is spent ($28.50 of $20.00).']);
});
