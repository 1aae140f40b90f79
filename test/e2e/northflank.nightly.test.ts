import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { unbuildable } from '../../sandbox/platforms/northflank/samples.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const good = {
  first: samples.good(1),
  next: samples.good(2),
  checks: 'success',
  hosts: 0,
  at: 'northflank',
} as const;
const service = { stepMs: 50 };
const fleetProjects: ProjectSpec[] = [
  // This commit is not on main. Plimsoll pushes it to main, and then CI builds it.
  { ...good, name: 'unmerged', service, merged: false },
  { ...good, name: 'merged', service, next: samples.failsLater(40) },
  { ...good, name: 'crashing', service, next: samples.crashesAtStart() },
  {
    ...{ ...good, name: 'unbuildable', service },
    next: unbuildable(samples.good(2), ['npm ci', 'No matching version found for openclaw@9']),
  },
  { ...good, name: 'open', service: { ...service, disabledCD: false }, next: samples.good(3) },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

async function approved(project: string, more: string[] = []) {
  await stack.deploy(project, more);
  await stack.reached(project, 'approval');
  await stack.approve(project);
}

test('all of them are approved but the one whose gate is closed', async () => {
  await Promise.all([
    approved('unmerged', ['--ref', 'next']),
    ...['merged', 'crashing', 'unbuildable'].map((project) => approved(project)),
    stack.deploy('open'),
  ]);
  expect(await stack.status('unmerged')).toMatchObject({ outcome: null });
});

test('a good commit is pushed to main, built by CI, deployed by its build id and watched', async () => {
  const report = await stack.report('unmerged');
  expect(report).toMatchObject({ outcome: 'succeeded', platform: 'northflank', touched: true });
  expect(await stack.truthOf('unmerged')).toEqual({ served: ['new'], main: 'new' });
  expect(await stack.effectsOf('unmerged')).toEqual({
    'git publish': 1,
    'northflank deploy': 1,
    'github createComment': 1,
    'github updateIssue': 1,
  });
});

test('one that fails in its watch is rolled back to the recorded build, and main is reverted', async () => {
  const report = await stack.report('merged');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  expect(report.reasons.join()).toMatch(/^probes: .+\. Bad since sample \d+ /);
  await stack.aftermath(report);
  expect(await stack.truthOf('merged')).toEqual({ served: ['old'], main: 'reverted' });
  // The revert is a push. CI builds it, but nothing deploys the build.
  expect(await stack.effectsOf('merged')).toEqual({
    'git push': 1,
    'northflank deploy': 2,
  });
});

test('one that dies at its start never gets the traffic; it is rolled back with its last lines', async () => {
  const report = await stack.report('crashing');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  const [why = ''] = report.reasons;
  expect(why).toMatch(
    /^northflank crashing: release [0-9a-f]{7} \(build [\w-]+\) is not healthy \(time limit: 60 s\):\n- the rollout is FAILED\n/,
  );
  expect(why).toContain('\nThe last lines of the log:\n<3>error: DATABASE_URL is not set\n');
  const after = await stack.aftermath(report);
  expect(after.diagnosis).toMatchObject({ cause: 'missing secret' });
  expect(await stack.truthOf('crashing')).toEqual({ served: ['old'], main: 'reverted' });
  expect(await stack.effectsOf('crashing')).toEqual({ 'git push': 1, 'northflank deploy': 2 });
});

test('a build that fails closes the deploy with its last lines; the live release was not touched', async () => {
  const report = await stack.report('unbuildable');
  expect(report).toMatchObject({ outcome: 'aborted', touched: false });
  const [why = ''] = report.reasons;
  expect(why).toMatch(
    /^northflank unbuildable: build [\w-]+ of [0-9a-f]{7} ended with FAILURE: The build script exited with code 1\.\n/,
  );
  expect(why).toContain('\nnpm ci\nNo matching version found for openclaw@9\n');
  expect(await stack.truthOf('unbuildable')).toEqual({ served: ['old'], main: 'new' });
  expect(await stack.effectsOf('unbuildable')).toEqual({ 'northflank startBuild': 1 });
});

test('a service with CD on closes the gate: it would deploy unapproved merges', async () => {
  const report = await stack.report('open');
  expect(report).toMatchObject({
    outcome: 'gate-closed',
    touched: false,
    reasons: [
      'platform: northflank open has CD on, so Northflank automatically deploys unapproved merges. ' +
        'Switch CD off on the page of openclaw/open, then deploy again.',
    ],
  });
  expect(await stack.effectsOf('open')).toEqual({});
});

test('no token is in anything that was said', () => {
  const { northflank: token = '' } = stack.fleet.sandbox.tokens;
  expect(token).toMatch(/^nf-/);
  expect(stack.said.join('\n')).not.toContain(token);
});
