import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { deployRelease, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

let vpsFixture: VpsFixture;
const running: ChildProcess[] = [];

beforeAll(async () => {
  const trees = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => samples.good(n));
  vpsFixture = await startVpsFixture({ trees });
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await vpsFixture.stop();
});

const start = (command: string, args: string[], options: SpawnOptions = {}) =>
  running.push(spawn(command, args, options));

test('prune keeps every release that a process of the host still uses', async () => {
  const { shas, vps, step } = vpsFixture;
  const { directory } = vpsFixture.handles[0] as { directory: string };
  await deployRelease(vpsFixture, shas.at(-1)!);
  for (const sha of shas.slice(0, -1)) await run(vps.stageRelease, step(sha));
  const of = (index: number, ...rest: string[]) =>
    join(directory, 'releases', shas[index] ?? '', ...rest);
  copyFileSync('/bin/sleep', of(2, 'worker'));
  start('sleep', ['120'], { cwd: of(0) });
  start(process.execPath, ['-e', 'setTimeout(() => {}, 120000)', of(1, 'server.mjs')]);
  start(of(2, 'worker'), ['120']);
  const file = openSync(of(3, 'server.mjs'), 'r');
  start('sleep', ['120'], { stdio: ['ignore', file, 'ignore'] });
  closeSync(file);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { removed } = await run(vps.pruneReleases, { ...step(shas.at(-1)!), keep: [] });
  expect(new Set(removed)).toEqual(new Set([shas[4]]));
  expect([0, 1, 2, 3].map((index) => existsSync(of(index, 'server.mjs')))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  const ended = running.splice(0).map(async (child) => {
    expect(child.exitCode).toBeNull();
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  await Promise.all(ended);
  const later = await run(vps.pruneReleases, { ...step(shas.at(-1)!), keep: [] });
  expect(new Set(later.removed)).toEqual(new Set(shas.slice(0, 4)));
});
