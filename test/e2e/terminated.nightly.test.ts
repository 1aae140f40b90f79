import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../activities/ledger/sqlite-database.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { createTerminator, ends } from '../support/lost.ts';
import type { Terminator } from '../support/lost.ts';
import { shipped, thereAndBack, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'planned', hosts: 1 },
  { ...good, name: 'gated', hosts: 1 },
  { ...good, name: 'staged', hosts: 2 },
  { ...good, name: 'switched', hosts: 2 },
  // The critical paths answer after 6 s, so that the test can terminate the deploy during the smoke
  // test.
  { ...good, name: 'smoked', hosts: 1, next: samples.slow(6000) },
  { ...good, name: 'asked', hosts: 1 },
  { ...good, name: 'restored', hosts: 2 },
  { ...good, name: 'settled', hosts: 1 },
  { ...good, name: 'late', hosts: 1 },
];
const old = 'old old old';

let stack: Stack;
let by: Terminator;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
  by = createTerminator(stack);
  await by.alone();
});
afterAll(() => stack?.close());

async function approved(...projects: string[]) {
  await Promise.all(projects.map((project) => stack.deploy(project)));
  await Promise.all(projects.map((project) => stack.reached(project, 'approval')));
  await Promise.all(projects.map((project) => stack.approve(project)));
}

const happened = (project: string, effect: string, times = 1) =>
  eventually(
    `${effect} of ${project}`,
    async () => (await stack.effectsOf(project))[effect] === times,
  );

const halfWay = (project: string, served: string[]) =>
  eventually(`${project} serves: ${served.join(', ')}`, async () => {
    const truth = await stack.truthOf(project);
    return truth.served.join() === served.join();
  });

/**
 * Brings each project to its phase. A call that is held has its effect, but its answer does not
 * arrive.
 */
const stops: Record<string, () => Promise<unknown>> = {
  async planned() {
    await stack.fault('git', 'ls-refs POST /acme/planned.git', 'hold');
    await stack.deploy('planned');
    await eventually('a call for the plan is held', async () => (await stack.holding()) > 0);
    expect(await stack.status('planned')).toMatchObject({ phase: 'planning', deployId: '' });
  },
  async gated() {
    const checks = `${projectIn(stack.fleet, 'gated').newSha}/check-runs`;
    await stack.fault('github', checks, 'hold');
    await stack.deploy('gated');
    await stack.reached('gated', 'preflight');
  },
  async staged() {
    await stack.fault('vps', 'staged-2 stage', 'hold');
    await approved('staged');
    await happened('staged', 'staged-1 stage');
    await happened('staged', 'staged-2 stage');
  },
  async switched() {
    await stack.fault('vps', 'switched-1 switch', 'hold');
    await approved('switched');
    await happened('switched', 'switched-1 switch');
    await halfWay('switched', ['new old old', old]);
  },
  async smoked() {
    await approved('smoked');
    await stack.reached('smoked', 'smoke');
  },
  async asked() {
    await approved('asked');
    await stack.reached('asked', 'watch');
    await stack.cli(['flag', 'asked', 'customers cannot pay', '--as', 'robin']);
    await stack.reached('asked', 'decision');
  },
  async restored() {
    await approved('restored');
    await stack.reached('restored', 'watch');
    await stack.fault('vps', 'restored-2 restart', 'hold');
    await stack.cli(['rollback', 'restored', environment]);
    await happened('restored', 'restored-2 restart', 2);
    await halfWay('restored', ['new new new', old]);
  },
  async settled() {
    await stack.fault('github', 'PATCH /repos/acme/settled/issues/1', 'hold');
    await approved('settled');
    await happened('settled', 'github updateIssue');
    // The success is recorded and announced. The steps after it are still running.
    expect((await stack.status('settled')).outcome).toBe('succeeded');
  },
};

// The time limit is long, because eight deploys run at once on a busy machine.
const timeLimit = { timeout: 360_000 };

test(
  'terminated in every phase: each ends fully old or fully new, with a page if it was rolled back',
  timeLimit,
  async () => {
    const all = Object.entries(stops);
    await Promise.all(all.map(([project, stop]) => stop().then(() => by.terminate(project))));
    expect(await by.reconcile()).toEqual([
      'asked rolled-back',
      'gated aborted',
      'restored rolled-back',
      'smoked rolled-back',
      'staged aborted',
      'switched rolled-back',
    ]);
    await stack.release();
    for (const [project] of all.filter(([name]) => name !== 'settled')) {
      const { hosts } = projectIn(stack.fleet, project);
      expect(await stack.truthOf(project)).toEqual({ served: hosts.map(() => old), main: 'new' });
    }
    await Promise.all(['gated', 'staged'].map((project) => by.expectPage(project, ends.before)));
    const back = ['asked', 'restored', 'smoked', 'switched'];
    await Promise.all(back.map((project) => by.expectPage(project, ends.withdrawn)));
  },
);

test('a release that the ledger knows as proven stays, and nobody is paged', async () => {
  expect(await stack.truthOf('settled')).toEqual({ served: ['new new new'], main: 'new' });
  expect(await stack.effectsOf('settled')).toEqual(shipped('settled-1'));
  expect(by.pagesOf('settled')).toEqual([]);
});

test('each effect is there once, and once more for the rollback', async () => {
  for (const project of ['planned', 'gated'])
    expect(await stack.effectsOf(project)).toEqual(untouched);
  expect(await stack.effectsOf('staged')).toEqual({ 'staged-1 stage': 1, 'staged-2 stage': 1 });
  for (const project of ['smoked', 'asked'])
    expect(await stack.effectsOf(project)).toEqual(thereAndBack([`${project}-1`], false));
  const two = thereAndBack(['restored-1', 'restored-2'], false);
  expect(await stack.effectsOf('restored')).toEqual(two);
});

test('nothing is found twice; what was terminated in its plan was never there; the next one may start', async () => {
  expect(by.pagesOf('planned')).toEqual([]);
  expect(await by.reconcile()).toEqual([]);
  for (const project of ['planned', 'switched']) {
    await stack.deploy(project);
    await stack.reached(project, 'approval');
    expect((await stack.cli(['abort', project, environment])).code).toBe(0);
  }
});

test('proven, but terminated before the ledger recorded it: rolled back, with a page', async () => {
  await approved('late');
  await stack.reached('late', 'watch');
  const ledger = openDatabase(stack.fleet.ledgerPath);
  ledger.exec('BEGIN IMMEDIATE');
  try {
    await stack.reached('late', 'settle');
    await by.terminate('late');
    // The kill also ends the attempt that still waits for the ledger.
    await stack.workers.kill();
  } finally {
    ledger.exec('ROLLBACK');
    ledger.close();
  }
  await stack.workers.start();
  expect(await by.reconcile()).toEqual(['late rolled-back']);
  expect(await stack.truthOf('late')).toEqual({ served: [old], main: 'new' });
  await by.expectPage('late', ends.withdrawn);
});
