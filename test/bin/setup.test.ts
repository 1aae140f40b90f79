import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureDependencies } from '../../bin/setup.mjs';
import { fakeCommand, temporary } from './fake-command.ts';

const lock = (version: string) =>
  JSON.stringify({
    packages: { '': { version: '1.0.0' }, 'node_modules/a': { version }, ...onlyElsewhere },
  });
const onlyElsewhere = { 'node_modules/a-darwin': { version: '1.0.0', optional: true } };

/** A fake `npm ci`: it empties node_modules and records the installed packages. */
const goodNpm = `
echo "$@" >> calls
node --version >> calls
rm -rf node_modules && mkdir node_modules && cp package-lock.json node_modules/.package-lock.json`;

function clone(npm: string) {
  const root = temporary('clone');
  writeFileSync(join(root, 'package-lock.json'), lock('1.0.0'));
  const fake = fakeCommand(join(root, 'fake'), 'npm', npm);
  const said: string[] = [];
  const env = { PATH: `${fake}:/usr/bin:/bin`, HOME: root };
  const options = { root, env, say: (text: string) => void said.push(text) };
  const calls = () => {
    const file = join(root, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  return { root, said, calls, options };
}

const install = 'ci --ignore-scripts --no-audit --no-fund --loglevel=error';

test('a fresh clone is installed once, without scripts, in this very Node', async () => {
  const { root, said, calls, options } = clone(goodNpm);
  await ensureDependencies(options);
  await ensureDependencies(options);
  expect(calls()).toEqual([install, process.version]);
  expect(said.join('')).toBe(
    'Installing the dependencies from package-lock.json (npm ci)  done (0 s)\n',
  );
  expect(readlinkSync(join(root, 'node_modules/.bin/plimsoll'))).toBe('../../bin/plimsoll.mjs');
});

test('a changed package-lock.json is installed again', async () => {
  const { root, calls, options } = clone(goodNpm);
  await ensureDependencies(options);
  writeFileSync(join(root, 'package-lock.json'), lock('2.0.0'));
  await ensureDependencies(options);
  expect(calls()).toEqual([install, process.version, install, process.version]);
});

test('what a developer installed by hand is not installed again', async () => {
  const { root, calls, options } = clone(goodNpm);
  mkdirSync(join(root, 'node_modules'));
  const { packages } = JSON.parse(lock('1.0.0'));
  delete packages['node_modules/a-darwin'];
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  await ensureDependencies(options);
  expect(calls()).toEqual([]);
});

test('two commands at once install once', async () => {
  const { said, calls, options } = clone(`sleep 0.5\n${goodNpm}`);
  await Promise.all([ensureDependencies(options), ensureDependencies(options)]);
  expect(calls()).toEqual([install, process.version]);
  expect(said).toContain(`Another command (pid ${process.pid}) is installing the dependencies.\n`);
});

test('a failing npm ci says what, why and what to do, and is tried again next time', async () => {
  const { root, options } = clone('echo "npm error code ENOTFOUND" >&2; exit 1');
  const message = `The dependencies could not be installed:
  npm error code ENOTFOUND
Let npm reach its registry (check it with npm ping), then run the same command again.`;
  await expect(ensureDependencies(options)).rejects.toMatchObject({ name: 'UserError', message });
  await expect(ensureDependencies(options)).rejects.toThrow(message);
  expect(existsSync(join(root, 'node_modules'))).toBe(false);
});
