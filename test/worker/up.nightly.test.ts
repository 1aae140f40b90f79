import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { cacheDirectory } from '../../worker/engine/cache.ts';
import { temporary } from '../bin/fake-command.ts';
import { practiceYaml } from '../support/up.ts';
import { until } from './engine/processes.ts';

const launcher = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));

let root = '';
let dataFile = '';
type Up = { process: ChildProcess; text: () => string; code: Promise<number | null> };
const started: Up[] = [];

/** Starts `plimsoll up --data PATH` in the directory `root`. */
function up(path: string): Up {
  const child = spawn(process.execPath, [launcher, 'up', '--data', path], {
    cwd: root,
    env: {
      ...process.env,
      HOME: root,
      XDG_DATA_HOME: join(root, 'data'),
      XDG_CACHE_HOME: dirname(cacheDirectory()),
      PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const code = once(child, 'close').then(([exit]) => exit as number | null);
  const one = { process: child, text: () => text, code };
  started.push(one);
  return one;
}

const inUse = (pid: number | undefined) =>
  `"${plimsoll} up" runs already on ${dataFile} (process ${pid}), so this command did not start.\n` +
  `Use the running command, or end it with Ctrl-C. A second command needs its own file: ${plimsoll} up --data <path>\n`;

let running: Up;
beforeAll(async () => {
  root = realpathSync(temporary('up'));
  dataFile = join(root, 'real', 'temporal.db');
  for (const name of ['real', 'bin']) mkdirSync(join(root, name));
  symlinkSync(inject('temporalBinary'), join(root, 'bin', 'temporal'));
  symlinkSync('real', join(root, 'linked'));
  symlinkSync(dataFile, join(root, 'link.db'));
  writeFileSync(join(root, 'plimsoll.yaml'), practiceYaml);
});
afterAll(async () => {
  for (const one of started) one.process.kill('SIGTERM');
  await Promise.all(started.map(({ code }) => code));
});

test('of two commands that start at once, one runs and the other says so', async () => {
  const both = [up('real/temporal.db'), up('link.db')];
  const first = await Promise.race(both.map((one) => one.code.then(() => one)));
  running = both.find((one) => one !== first)!;
  expect([await first.code, first.text()]).toEqual([1, inUse(running.process.pid)]);
  await until(() => running.text().includes('Ctrl-C ends everything'), 120_000);
});

test('a second command says so, by a relative path and through linked directories', async () => {
  const paths = ['./linked/../real/temporal.db', join(root, 'linked', 'temporal.db')];
  const seconds = await Promise.all(
    paths.map(async (path) => {
      const second = up(path);
      return [await second.code, second.text()];
    }),
  );
  expect(seconds).toEqual(paths.map(() => [1, inUse(running.process.pid)]));
});

test('a second command on the renamed file says which server has it open', async () => {
  renameSync(dataFile, join(root, 'moved.db'));
  const second = up('moved.db');
  expect(await second.code).toBe(1);
  const [, pid] = /process (\d+)/.exec(second.text()) ?? [];
  expect(second.text()).toBe(
    `Another Temporal server (process ${pid}) has the data file ${join(root, 'moved.db')} open, so this command did not start.\n` +
      `Use the command that started this server, or end the server: kill ${pid}\n`,
  );
  renameSync(join(root, 'moved.db'), dataFile);
});

test('after the command was killed, the next one starts at once', async () => {
  running.process.kill('SIGKILL');
  await running.code;
  running = up('link.db');
  await until(() => running.text().includes('Ctrl-C ends everything'), 120_000);
});
