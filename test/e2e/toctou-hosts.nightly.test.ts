import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples, writeTree } from '../../sandbox/samples/samples.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { edit, evil, hostOf, liveFiles, plant, point, servedName } from '../support/sabotage.ts';

const next = samples.good(2);
const good = { first: samples.good(1), next, checks: 'success', hosts: 1 } as const;
const prepare = 'mkdir dist && echo approved >dist/build.txt';
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'edited' },
  { ...good, name: 'built', environment: { prepare } },
  { ...good, name: 'planted' },
  { ...good, name: 'moved' },
  { ...good, name: 'pointed' },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

const projectCalled = (name: string) => projectIn(stack.fleet, name);

/** Calls `sabotage` after the host has done `step`, but before Plimsoll gets the answer. */
async function between(name: string, step: string, sabotage: () => void) {
  await stack.fault('vps', `${name}-1 ${step}`, 'hold');
  await stack.deploy(name);
  await stack.reached(name, 'approval');
  await stack.approve(name);
  await eventually(`the answer of ${step} is held`, async () => (await stack.holding()) === 1);
  sabotage();
  await stack.release();
}

async function wentBack(name: string) {
  const report = await stack.report(name);
  expect(report).toMatchObject({ outcome: 'rolled-back' });
  expect(await stack.truthOf(name)).toMatchObject({ served: ['old old old'], main: 'new' });
  expect(await servedName(projectCalled(name))).toBe('good 1');
  return report.reasons;
}

async function deploysNow(name: string) {
  await stack.deploy(name);
  await stack.reached(name, 'approval');
  await stack.approve(name);
  await stack.reached(name, 'watch');
  expect(await stack.truthOf(name)).toMatchObject({ served: ['new new new'], main: 'new' });
  expect(await servedName(projectCalled(name))).toBe('good 2');
}

test('a staged tree that somebody edits is not started, and is made anew by the next deploy', async () => {
  const fleetProject = projectCalled('edited');
  await between('edited', 'stage', () => edit(fleetProject, fleetProject.newSha));
  const where = join(hostOf(fleetProject).directory, 'releases', fleetProject.newSha);
  expect(await wentBack('edited')).toEqual([
    `${hostOf(fleetProject).address}: somebody changed files of ${where} after the commit was staged: release.json. ` +
      'These are not the approved files, so the service was not restarted. ' +
      `Deploy this commit again. See the changes on the host: git -C ${where} status`,
  ]);
  await deploysNow('edited');
  expect(liveFiles(fleetProject)).toEqual(next);
});

test('nor one whose prepared files were edited, which no commit knows', async () => {
  const fleetProject = projectCalled('built');
  await between('built', 'stage', () =>
    edit(fleetProject, fleetProject.newSha, { 'dist/build.txt': 'evil\n' }),
  );
  expect(await wentBack('built')).toEqual([
    expect.stringContaining(
      'after the commit was staged: files that are not in the commit. These are not',
    ),
  ]);
});

test('a tree that was planted under the name of the commit is never taken for it', async () => {
  const fleetProject = projectCalled('planted');
  await stack.deploy('planted');
  await stack.reached('planted', 'approval');
  plant(fleetProject, fleetProject.newSha, { ...next, ...evil });
  await stack.approve('planted');
  await stack.reached('planted', 'watch');
  expect(await stack.truthOf('planted')).toMatchObject({ served: ['new new new'] });
  expect(await servedName(fleetProject)).toBe('good 2');
  expect(liveFiles(fleetProject)).toEqual(next);
});

test('nothing is restarted on a tree that somebody else made current after the switch', async () => {
  const fleetProject = projectCalled('moved');
  const { directory } = hostOf(fleetProject);
  const foreign = join(directory, 'foreign');
  mkdirSync(foreign);
  writeTree(foreign, { ...next, ...evil });
  await between('moved', 'switch', () => point(fleetProject, 'foreign'));
  expect(await wentBack('moved')).toEqual([
    `${hostOf(fleetProject).address}: somebody moved ${directory}/current to foreign after it was switched to ` +
      `${fleetProject.newSha.slice(0, 12)}, so the service was not restarted. ` +
      'Find out who else deploys to this host, then deploy this commit again.',
  ]);
});

test('a tree that somebody made current before the switch is replaced by the approved one', async () => {
  const fleetProject = projectCalled('pointed');
  await stack.deploy('pointed');
  await stack.reached('pointed', 'approval');
  const foreign = join(hostOf(fleetProject).directory, 'foreign');
  mkdirSync(foreign);
  writeTree(foreign, { ...next, ...evil });
  point(fleetProject, 'foreign');
  await stack.approve('pointed');
  await stack.reached('pointed', 'watch');
  expect(await stack.truthOf('pointed')).toMatchObject({ served: ['new new new'] });
  expect(liveFiles(fleetProject)).toEqual(next);
  await stack.cli(['abort', 'pointed', environment]);
});
