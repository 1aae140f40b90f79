import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../../domain/lib/user-error.ts';
import { realDataFile, serverOn } from '../../../worker/engine/data-file.ts';
import { temporary } from '../../bin/fake-command.ts';

/** A directory `real` with the file `temporal.db`, and a symbolic link `linked` to the directory. */
function dataDirectory() {
  const root = realpathSync(temporary('data-file'));
  const file = join(root, 'real', 'temporal.db');
  mkdirSync(join(root, 'real'));
  writeFileSync(file, '');
  symlinkSync('real', join(root, 'linked'));
  symlinkSync(file, join(root, 'link.db'));
  symlinkSync('linked/new.db', join(root, 'new.db'));
  return { root, file };
}

test.each([
  ['itself', 'real/temporal.db', 'real/temporal.db'],
  ['through a linked directory', 'linked/temporal.db', 'real/temporal.db'],
  ['through a linked file', 'link.db', 'real/temporal.db'],
  ['through a link to a missing file', 'new.db', 'real/new.db'],
  ['in a missing directory', 'linked/a/b/temporal.db', 'real/a/b/temporal.db'],
])('a data file is known by one path: %s', async (_, given, real) => {
  const { root } = dataDirectory();
  expect(await realDataFile(join(root, given))).toBe(join(root, real));
  expect(await realDataFile(relative(process.cwd(), join(root, given)))).toBe(join(root, real));
});

test('a data file with two names is refused, with a command that lists them', async () => {
  const { root, file } = dataDirectory();
  linkSync(file, join(root, "it's.db"));
  await expect(realDataFile(join(root, "it's.db"))).rejects.toThrow(
    new UserError(
      `The data file ${root}/it's.db has 2 names (hard links), and changes under one name are missing under the other, so this command did not start.\n` +
        `Delete the other name. This command lists every name: find / -xdev -samefile '${root}/it'\\''s.db'`,
    ),
  );
});

/** Starts a process that has the file open and this command line. */
async function opens(file: string, ...args: string[]) {
  const script = `require('fs').openSync(process.argv[1]); console.log(); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', script, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

test.runIf(process.platform === 'linux')('the server on a file is found by any name', async () => {
  const { root, file } = dataDirectory();
  const other = await opens(file, 'litestream');
  expect(await serverOn(file)).toBe(null);
  const server = await opens(file, 'start-dev');
  expect(await serverOn(file)).toBe(server.pid);
  renameSync(file, join(root, 'moved.db'));
  expect(await serverOn(join(root, 'moved.db'))).toBe(server.pid);
  expect(await serverOn(file)).toBe(null);
  for (const child of [other, server]) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await serverOn(join(root, 'moved.db'))).toBe(null);
});
