import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples, writeTree } from '../../sandbox/samples.ts';
import { environment, eventually, shipOf, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { edit, evil, hostOf, liveFiles, plant, point, servedName } from '../support/sabotage.ts';

const next = samples.good(2);
const good = { first: samples.good(1), next, checks: 'success', hosts: 1 } as const;
const prepare = 'mkdir dist && echo approved >dist/build.txt';
const ships: ShipSpec[] = [
  { ...good, name: 'edited' },
  { ...good, name: 'built', environment: { prepare } },
  { ...good, name: 'planted' },
  { ...good, name: 'moved' },
  { ...good, name: 'pointed' },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ ships });
});
afterAll(() => stack?.close());

const shipCalled = (name: string) => shipOf(stack.fleet, name);

/** The host has done `step` and its answer is held, while another hand is at work there. */
async function between(name: string, step: string, sabotage: () => void) {
  await stack.fault('vps', `${name}-1 ${step}`, 'hold');
  await stack.deploy(name);
  await stack.reached(name, 'approval');
  await stack.approve(name);
  await eventually(`${step} is held`, async () => (await stack.holding()) === 1);
  sabotage();
  await stack.release();
}

async function wentBack(name: string) {
  const report = await stack.report(name);
  expect(report).toMatchObject({ outcome: 'rolled-back' });
  expect(await stack.truthOf(name)).toMatchObject({ served: ['old old old'], main: 'new' });
  expect(await servedName(shipCalled(name))).toBe('good 1');
  return report.reasons;
}

async function shipsNow(name: string) {
  await stack.deploy(name);
  await stack.reached(name, 'approval');
  await stack.approve(name);
  await stack.reached(name, 'watch');
  expect(await stack.truthOf(name)).toMatchObject({ served: ['new new new'], main: 'new' });
  expect(await servedName(shipCalled(name))).toBe('good 2');
}

test('a staged tree that somebody edits is not started, and is made anew by the next deploy', async () => {
  const ship = shipCalled('edited');
  await between('edited', 'stage', () => edit(ship, ship.newSha));
  const where = join(hostOf(ship).directory, 'releases', ship.newSha);
  expect(await wentBack('edited')).toEqual([
    `${hostOf(ship).address}: somebody changed files of ${where} after it was staged (release.json), so it is ` +
      `not what was approved. The service was not restarted. Look on the host: git -C ${where} status; then deploy this commit again.`,
  ]);
  await shipsNow('edited');
  expect(liveFiles(ship)).toEqual(next);
});

test('nor one whose prepared files were edited, which no commit knows', async () => {
  const ship = shipCalled('built');
  await between('built', 'stage', () => edit(ship, ship.newSha, { 'dist/build.txt': 'evil\n' }));
  expect(await wentBack('built')).toEqual([
    expect.stringContaining('after it was staged (none that the commit has), so it is not what'),
  ]);
});

test('a tree that was planted under the name of the commit is never taken for it', async () => {
  const ship = shipCalled('planted');
  await stack.deploy('planted');
  await stack.reached('planted', 'approval');
  plant(ship, ship.newSha, { ...next, ...evil });
  await stack.approve('planted');
  await stack.reached('planted', 'watch');
  expect(await stack.truthOf('planted')).toMatchObject({ served: ['new new new'] });
  expect(await servedName(ship)).toBe('good 2');
  expect(liveFiles(ship)).toEqual(next);
});

test('nothing is restarted on what a foreign hand made current after the switch', async () => {
  const ship = shipCalled('moved');
  const { directory } = hostOf(ship);
  const foreign = join(directory, 'foreign');
  mkdirSync(foreign);
  writeTree(foreign, { ...next, ...evil });
  await between('moved', 'switch', () => point(ship, 'foreign'));
  expect(await wentBack('moved')).toEqual([
    `${hostOf(ship).address}: somebody moved ${directory}/current to foreign after it was switched to ` +
      `${ship.newSha.slice(0, 12)}, so the service was not restarted. ` +
      'Find out who deploys there beside Plimsoll, then deploy this commit again.',
  ]);
});

test('what somebody made current before the switch is replaced by what was approved', async () => {
  const ship = shipCalled('pointed');
  await stack.deploy('pointed');
  await stack.reached('pointed', 'approval');
  const foreign = join(hostOf(ship).directory, 'foreign');
  mkdirSync(foreign);
  writeTree(foreign, { ...next, ...evil });
  point(ship, 'foreign');
  await stack.approve('pointed');
  await stack.reached('pointed', 'watch');
  expect(await stack.truthOf('pointed')).toMatchObject({ served: ['new new new'] });
  expect(liveFiles(ship)).toEqual(next);
  await stack.cli(['abort', 'pointed', environment]);
});
