import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployStatus } from '../../domain/deploy/status.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { commitEvil, liveFiles, servedName, setRef as setRefOf } from '../support/sabotage.ts';
import { released, untouched } from '../support/witness.ts';

const next = samples.good(2);
const good = { first: samples.good(1), next, checks: 'success', hosts: 1 } as const;
const names = ['ahead', 'rewound', 'tagged', 'flips', 'asleep'] as const;
const fleetProjects: ProjectSpec[] = [
  ...names.map((name) => ({ ...good, name })),
  { ...good, name: 'holds', environment: { approvers: 2 } },
];
const scale = 60;
const gateMaxAgeMs = (30 * 60_000) / scale;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects, timeScale: scale });
});
afterAll(() => stack?.close());

const projectCalled = (name: string) => projectIn(stack.fleet, name);
const repositories = () => stack.fleet.sandbox.git.repositories;

const unapproved = (name: string, branch?: string) =>
  commitEvil(stack.fleet, projectCalled(name), branch);
const setRef = (name: string, ref: string, sha: string) =>
  setRefOf(stack.fleet, projectCalled(name), ref, sha);

async function waits(name: string, more: string[] = []) {
  await stack.deploy(name, more);
  const { sealed } = await stack.reached(name, 'approval');
  expect(sealed?.plan.sha).toBe(projectCalled(name).newSha);
  return sealed?.digest;
}

/**
 * Expects that the host serves the approved commit: checks the files on the host and the answer of
 * /version.
 */
async function approvedIsServed(name: string, digest: string | undefined) {
  const now = await stack.reached(name, 'watch');
  expect(now.sealed?.digest).toBe(digest);
  const { served } = await stack.truthOf(name);
  expect(served).toEqual(['new new new']);
  expect(await servedName(projectCalled(name))).toBe('good 2');
  expect(liveFiles(projectCalled(name))).toEqual(next);
  expect(await stack.effectsOf(name)).toEqual(released(`${name}-1`));
}

test('a branch that moves on after the plan deploys no later commit', async () => {
  const digest = await waits('ahead');
  const added = await unapproved('ahead');
  await stack.approve('ahead');
  await approvedIsServed('ahead', digest);
  expect((await stack.truthOf('ahead')).main).toBe('reverted');
  expect(await repositories().head(projectCalled('ahead').repository)).toBe(added);
});

test('a branch that is rewritten deploys nothing of its new history', async () => {
  const { oldSha, repository } = projectCalled('rewound');
  const digest = await waits('rewound');
  await setRef('rewound', 'refs/heads/main', oldSha);
  const added = await unapproved('rewound');
  await stack.approve('rewound');
  await approvedIsServed('rewound', digest);
  expect(await repositories().head(repository)).toBe(added);
});

test('a tag that moves after the plan deploys the commit that it named at the approval', async () => {
  const { newSha } = projectCalled('tagged');
  await setRef('tagged', 'refs/tags/v2', newSha);
  const digest = await waits('tagged', ['--ref', 'v2']);
  await setRef('tagged', 'refs/tags/v2', await unapproved('tagged', 'elsewhere'));
  await stack.approve('tagged');
  await approvedIsServed('tagged', digest);
  expect((await stack.status('tagged')).sealed?.plan.ref).toBe('v2');
});

const fails = (name: string) => {
  const { repository, newSha } = projectCalled(name);
  const run = { name: 'ci', status: 'completed', conclusion: 'failure' } as const;
  stack.fleet.sandbox.github.setCheckRun(repository, newSha, run);
};
const checkedAt = ({ gates }: DeployStatus) => gates.map((gate) => Date.parse(gate.checkedAt));

async function untilStale(name: string) {
  const oldest = Math.min(...checkedAt(await stack.status(name)));
  await sleep(Math.max(0, oldest + gateMaxAgeMs + 1000 - Date.now()));
}

async function closedUntouched(name: string) {
  expect(await stack.report(name)).toMatchObject({
    outcome: 'gate-closed',
    touched: false,
    reasons: [expect.stringMatching(/^tests: .*ci.*fail/)],
  });
  expect(await stack.effectsOf(name)).toEqual(untouched);
  expect(await stack.truthOf(name)).toEqual({ served: ['old old old'], main: 'new' });
}

test('old gates are asked again at the last approval: closed ends it, open keeps what was signed', async () => {
  const digest = await waits('holds');
  await waits('flips');
  await waits('asleep');
  await stack.approve('holds', 'morgan');
  const first = await stack.status('holds');
  await untilStale('flips');
  await untilStale('asleep');
  fails('flips');
  await stack.approve('flips');
  await closedUntouched('flips');
  await stack.approve('holds', 'robin');
  await approvedIsServed('holds', digest);
  const last = await stack.status('holds');
  expect(last.rulings.map(({ verdict, approver }) => [verdict, approver])).toEqual([
    ['counted', 'morgan'],
    ['counted', 'robin'],
  ]);
  expect(Math.min(...checkedAt(last))).toBeGreaterThan(Math.max(...checkedAt(first)));
});

test('so it is when the approval lies there while no worker is up', async () => {
  await stack.workers.kill();
  const stored = await stack.cli([
    'approve',
    'asleep',
    environment,
    ...stack.as('morgan'),
    '--yes',
  ]);
  expect(stored.code).toBe(8);
  fails('asleep');
  await stack.workers.start();
  await closedUntouched('asleep');
});
