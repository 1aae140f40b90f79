import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheDirectory, ensureNode, isNewEnough } from '../../bin/node.mjs';
import { fakeCommand, temporary } from './fake-command.ts';

const system = '/usr/bin:/bin';

/** A fake npm that installs `node@24`: it writes a manifest and a binary under --prefix. */
const goodNpm = `
echo "$@" >> "$XDG_CACHE_HOME/calls"
mkdir -p "$3/node_modules/node" "$3/node_modules/.bin"
echo '{"version":"24.21.0"}' > "$3/node_modules/node/package.json"
printf '#!/bin/sh\\n' > "$3/node_modules/.bin/node"`;

function machine(npm: string | null) {
  const cache = temporary('cache');
  const path = npm === null ? cache : `${fakeCommand(join(cache, 'fake'), 'npm', npm)}:${system}`;
  const said: string[] = [];
  const env = { XDG_CACHE_HOME: cache, HOME: cache, PATH: path };
  const options = { version: '20.20.2', env, say: (text: string) => void said.push(text) };
  return { cache, home: join(cache, 'plimsoll', 'node'), said, options };
}

test('a Node that can run the sources is used as it is', async () => {
  const { options, said } = machine(null);
  const found = await ensureNode({ ...options, version: '22.18.0', execPath: '/some/node' });
  expect([found, said]).toEqual(['/some/node', []]);
});

test.each([
  ['20.20.2', false],
  ['22.17.9', false],
  ['22.18.0', true],
  ['23.0.0', true],
  ['24.21.0', true],
])('Node %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test('an old Node fetches Node 24 from npm once, and one line says so', async () => {
  const { cache, home, said, options } = machine(goodNpm);
  const binary = join(home, 'node_modules', '.bin', 'node');
  expect(await ensureNode(options)).toBe(binary);
  expect(await ensureNode(options)).toBe(binary);
  expect(said.join('')).toBe(
    `This is Node 20.20.2; fetching Node 24 from npm into ${home}  done (0 s)\n`,
  );
  expect(readFileSync(join(cache, 'calls'), 'utf8').trim().split('\n')).toHaveLength(1);
  expect(readdirSync(join(cache, 'plimsoll'))).toEqual(['node']);
});

test('two commands that fetch at once both end with a whole Node', async () => {
  const { cache, home, options } = machine(goodNpm);
  const found = await Promise.all([ensureNode(options), ensureNode(options)]);
  expect(new Set(found).size).toBe(1);
  expect(existsSync(realpathSync(found[0] ?? ''))).toBe(true);
  expect(readdirSync(join(cache, 'plimsoll'))).toEqual(['node']);
  expect(home).toContain(cache);
});

test('a failing npm is one error with its reason and every way to get Node', async () => {
  const { cache, options } = machine('echo "npm error network is unreachable" >&2; exit 1');
  await expect(ensureNode(options)).rejects.toMatchObject({
    name: 'UserError',
    message: `Plimsoll needs Node 22.18 or newer. This is Node 20.20.2, and fetching Node 24 from npm failed:
  npm error network is unreachable
Install it in one of these ways, then run the same command again:
  npm      let npm reach its registry (package "node"): npm view node@24 version
  nvm      nvm install 24
  fnm      fnm install 24
  volta    volta install node@24
  mise     mise use --global node@24
  system   your package manager, or the installer of nodejs.org`,
  });
  expect(readdirSync(join(cache, 'plimsoll'))).toEqual([]);
});

test.each([
  ['no npm', null, 'npm did not start: spawn npm ENOENT'],
  ['an npm that brings nothing', 'exit 0', 'npm installed no node binary for this machine'],
  ['an npm that says nothing', 'exit 7', 'npm ended with exit code 7'],
])('%s is told', async (_, npm, reason) => {
  await expect(ensureNode(machine(npm).options)).rejects.toThrow(`failed:\n  ${reason}\n`);
});

test('the cache is $XDG_CACHE_HOME, else ~/.cache', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/x' })).toBe('/x/plimsoll');
  expect(cacheDirectory({ HOME: '/home/ann' })).toBe('/home/ann/.cache/plimsoll');
});
