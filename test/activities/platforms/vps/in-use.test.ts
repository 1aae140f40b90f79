import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  lutimesSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scriptOf } from '../../../../activities/platforms/vps/scripts.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { deployRelease, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

let vpsFixture: VpsFixture;
const running: ChildProcess[] = [];

beforeAll(async () => {
  const trees = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => samples.good(n));
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
  start('sleep', ['120'], { cwd: '/', env: { PATH: '/usr/bin:/bin', NODE_PATH: of(4, 'lib') } });
  start('sleep', ['120'], { cwd: '/', env: { PATH: '/usr/bin:/bin', OLDPWD: of(5) } });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { removed } = await run(vps.pruneReleases, { ...step(shas.at(-1)!), keep: [] });
  expect(new Set(removed)).toEqual(new Set([shas[5]]));
  const kept = [0, 1, 2, 3, 4].filter((index) => existsSync(of(index, 'server.mjs')));
  expect(kept).toEqual([0, 1, 2, 3, 4]);
  const ended = running.splice(0).map(async (child) => {
    expect(child.exitCode).toBeNull();
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  await Promise.all(ended);
  const later = await run(vps.pruneReleases, { ...step(shas.at(-1)!), keep: [] });
  expect(new Set(later.removed)).toEqual(new Set(shas.slice(0, 5)));
});

/** The process has no file of its release open. It was started before the last switch. */
test('prune keeps what a process that was started through current may use', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'prune-'));
  const [old, removable, live] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [
    string,
    string,
    string,
  ];
  const path = (...names: string[]) => join(directory, ...names);
  const now = Date.now() / 1000;
  for (const [sha, ready] of [
    [old, now - 600],
    [removable, now + 60],
    [live, now + 90],
  ] as const) {
    mkdirSync(path('releases', sha), { recursive: true });
    writeFileSync(path('releases', sha, 'worker.mjs'), 'setInterval(() => {}, 1000);');
    writeFileSync(path('releases', `${sha}.ready`), '');
    utimesSync(path('releases', `${sha}.ready`), ready, ready);
  }
  symlinkSync(`releases/${old}`, path('current'));
  start(process.execPath, [path('current', 'worker.mjs')], { cwd: '/' });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  rmSync(path('current'));
  symlinkSync(`releases/${live}`, path('current'));
  lutimesSync(path('current'), now + 120, now + 120);
  const prune = () =>
    spawnSync('sh', ['-s', '--', directory, 'shop', '', '', '0'], {
      input: scriptOf('prune', 'systemd', 'releases'),
      encoding: 'utf8',
    }).stdout;
  expect(prune()).toBe(`removed=${removable}\n`);
  const child = running.pop()!;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(prune()).toBe(`removed=${old}\n`);
  rmSync(directory, { recursive: true });
});

const nobody = 65_534;

/**
 * Runs the script as a user who sees only the own processes. `sudo` runs the programs of `allowed`.
 */
function pruneAs(uid: number, { mode, allowed }: { mode: '' | 'sudo'; allowed: string }) {
  const directory = mkdtempSync(join(tmpdir(), 'prune-'));
  const sha = 'a'.repeat(40);
  const bin = join(directory, 'bin');
  for (const path of [bin, join(directory, 'releases', sha)]) mkdirSync(path, { recursive: true });
  writeFileSync(join(directory, 'releases', `${sha}.ready`), '');
  writeFileSync(
    join(bin, 'sudo'),
    `#!/bin/sh\nshift\ncase $1 in ${allowed}) exec "$@";; esac\n` +
      'echo "sudo: a password is required" >&2\nexit 1\n',
  );
  chmodSync(join(bin, 'sudo'), 0o755);
  for (const path of ['', 'releases', `releases/${sha}`, `releases/${sha}.ready`])
    chownSync(join(directory, path), uid, uid);
  const { stdout, stderr } = spawnSync('sh', ['-s', '--', directory, 'shop', mode, '', '0'], {
    uid,
    gid: uid,
    input: scriptOf('prune', 'systemd', 'releases'),
    env: { PATH: `${bin}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  return { lines: stdout.split('\n').filter((line) => line !== ''), stderr };
}

test.runIf(process.getuid?.() === 0).each([
  ['without sudo', '', 'systemctl'],
  ['with a sudo that allows only systemctl', 'sudo', 'systemctl'],
] as const)('prune says what it may not read %s', (_, mode, allowed) => {
  const { lines } = pruneAs(nobody, { mode, allowed });
  expect(lines).toEqual([`removed=${'a'.repeat(40)}`, 'unread=yes']);
});

test.runIf(process.getuid?.() === 0)('prune says nothing where it reads every process', () => {
  const { lines } = pruneAs(0, { mode: 'sudo', allowed: '*' });
  expect(lines).toEqual([`removed=${'a'.repeat(40)}`]);
});
