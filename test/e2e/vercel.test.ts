import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployReport } from '../../domain/plan.ts';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples } from '../../sandbox/samples.ts';
import { startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const on = { at: 'vercel', hosts: 0, checks: 'success', first: samples.good(1) } as const;
const ships: ShipSpec[] = [
  { ...on, name: 'delhi-palace', next: samples.good(2) },
  { ...on, name: 'barber-crm', next: samples.failsLater(30) },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ ships });
});
afterAll(() => stack?.close());

async function approved(project: string, more: string[] = []): Promise<DeployReport> {
  await stack.deploy(project, more);
  await stack.reached(project, 'approval');
  await stack.approve(project);
  return await stack.report(project);
}

const truthOf = async (project: string) =>
  (await stack.fleet.sandbox.vercel?.truth())?.find((it) => it.project === project);

test('a good release: its build is adopted, tried, promoted, watched; domains stay by hand', async () => {
  expect(await approved('delhi-palace')).toMatchObject({
    outcome: 'succeeded',
    platform: 'vercel',
  });
  expect(await stack.truthOf('delhi-palace')).toEqual({ served: ['new new'], main: 'new' });
  expect(await truthOf('delhi-palace')).toMatchObject({ autoAssign: false });
  expect(await stack.effectsOf('delhi-palace')).toEqual({
    ...{ 'vercel build': 1, 'vercel promote': 1, 'vercel live': 1, 'vercel updateProject': 1 },
    ...{ 'github createComment': 1, 'github updateIssue': 1 },
  });
});

test('a release that turns bad is rolled back to the recorded deployment, and main reverted', async () => {
  const before = await truthOf('barber-crm');
  const report = await approved('barber-crm');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  expect(report.reasons[0]).toMatch(/^probes: bad since look \d+/);
  expect(await stack.aftermath(report)).toMatchObject({ quarantined: true });
  expect(await stack.truthOf('barber-crm')).toEqual({ served: ['old old'], main: 'reverted' });
  expect(await truthOf('barber-crm')).toMatchObject({ live: before?.live, autoAssign: false });
  expect(await stack.effectsOf('barber-crm')).toMatchObject({
    ...{ 'vercel promote': 1, 'vercel rollback': 1, 'vercel live': 2, 'git push': 1 },
  });
});
