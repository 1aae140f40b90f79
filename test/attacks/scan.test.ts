import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scanTree } from '../../activities/gates/scan.ts';
import { unguarded } from '../support/unguarded.ts';
import type { Edit } from '../support/unguarded.ts';

const root = mkdtempSync(join(tmpdir(), 'plimsoll-scan-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const letters = (count: number) => 'aZ3bY9cX1dW7eV5fU2gT8hS4iR6jQ0kP'.repeat(8).slice(0, count);
const hex = (count: number) => '0123456789abcdef'.repeat(16).slice(0, count);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const github = ['ghp', letters(36)].join('_');
const [begin, end] = [github.slice(0, 20), github.slice(20)];
const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8' });
const auths = JSON.stringify({
  auths: { 'https://index.docker.io/v1/': { auth: base64(`me:${letters(20)}`) } },
});

let trees = 0;
async function scan(files: Record<string, string>, scanner = scanTree): Promise<string[]> {
  const tree = join(root, String((trees += 1)));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), text);
  }
  const { findings, crashedRules } = await scanner(tree);
  expect(crashedRules).toEqual([]);
  return findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

describe('a secret closes the gate, in whatever way it is written', () => {
  test.each<[string, string, () => string, string]>([
    [
      'a key of Ed25519',
      'k.pem',
      () => openssl('genpkey', '-algorithm', 'ed25519'),
      '1 privatekey',
    ],
    ['a key of X25519', 'k.pem', () => openssl('genpkey', '-algorithm', 'x25519'), '1 privatekey'],
    [
      'an EC key in the old format',
      'k.pem',
      () => openssl('ecparam', '-genkey', '-noout', '-name', 'prime256v1'),
      '1 privatekey',
    ],
    ['a chosen password', '.env', () => 'DB_PASSWORD=hunter2hunter2\n', '1 assigned-secret'],
    ['DigitalOcean', 'a.js', () => `x = "${['dop', 'v1', hex(64)].join('_')}"`, '1 digitalocean'],
    ['Doppler', 'a.txt', () => ['dp', 'pt', letters(43)].join('.'), '1 doppler'],
    ['Telegram', 'a.txt', () => ['bot 123456789', `AA${letters(33)}`].join(':'), '1 telegram'],
    [
      'Discord',
      'a.txt',
      () => `https://discord.com/api/webhooks/123456789012345678/${letters(68)}`,
      '1 discord-webhook',
    ],
    ['PyPI', 'a.txt', () => ['pypi', `AgEIcHlwaS5vcmcC${letters(80)}`].join('-'), '1 pypi'],
    ['Twilio', 'a.js', () => `const sid = "${['SK', hex(32)].join('')}";`, '1 twilio'],
    ['Mailgun', 'a.js', () => `const m = "${['key', hex(32)].join('-')}";`, '1 mailgun'],
    [
      'Northflank',
      'a.txt',
      () => ['nf', `eyJhbGciOiJIUzI1NiJ9.${letters(60)}.${letters(43)}`].join('-'),
      '1 northflank',
    ],
    ['the login of Docker', 'config.json', () => auths, '1 secret-file'],
    [
      'a key in a kubeconfig',
      'kubeconfig',
      () =>
        `user:\n  client-key-data: ${base64(openssl('ecparam', '-genkey', '-noout', '-name', 'prime256v1'))}\n`,
      '2 privatekey',
    ],
    ['base64', 'a.js', () => `const t = atob("${base64(github)}");\n`, '1 github'],
    ['base64 of JSON', 'a.txt', () => `\nblob ${base64(`{"token":"${github}"}`)}\n`, '2 github'],
    [
      'the login of Docker in base64',
      'secret.yaml',
      () => `data:\n  .dockerconfigjson: ${base64(auths)}\n`,
      '2 secret-file',
    ],
    [
      'two lines of a shell script',
      'a.sh',
      () => `a=1\nexport T=${begin}\\\n  ${end}\n`,
      '2 github',
    ],
    ['a block of YAML', 'a.yaml', () => `b: 1\ntoken: >-\n  ${begin}\n  ${end}\n`, '3 github'],
    ['two strings', 'a.js', () => `const t = "${begin}" + "${end}";\n`, '1 github'],
    ['two strings over lines', 'a.py', () => `t = ("${begin}"\n     "${end}")\n`, '1 github'],
  ])('%s', async (_, file, text, found) => {
    expect(await scan({ [file]: text() })).toEqual([`${file}:${found}`]);
  });

  test('the name of a file or a directory, and its finding does not show it', async () => {
    const shown = '[a GitHub token, left out]';
    expect(await scan({ [`${github}.txt`]: 'x' })).toEqual([`${shown}.txt:1 github`]);
    expect(await scan({ [`${github}/a.txt`]: 'x' })).toEqual([`${shown}/a.txt:1 github`]);
  });

  test('the path in a symbolic link', async () => {
    const scanner: typeof scanTree = async (tree) => {
      symlinkSync(github, join(tree, 'link'));
      return await scanTree(tree);
    };
    expect(await scan({ 'a.txt': 'x' }, scanner)).toEqual(['link:1 github']);
  });
});

test.each<[string, string, string]>([
  ['two strings that are no key', 'a.js', `f("${begin}", "${end}"); g("ghp_" + name);\n`],
  [
    'a picture in base64',
    'a.css',
    `url(data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUg'.repeat(90)})`,
  ],
  ['a text in base64', 'a.txt', base64('The quick brown fox jumps over the lazy dog, twice.')],
  ['a usual password of a test server', '.env', 'POSTGRES_PASSWORD=postgres\n'],
])('%s closes no gate', async (_, file, text) => {
  expect(await scan({ [file]: text })).toEqual([]);
});

test.each<[string, Edit, Record<string, string>]>([
  [
    'joined texts',
    ['activities/gates/secrets/joined.ts', 'if (pieces.length === 0) return [];', 'return [];'],
    { 'a.sh': `export T=${begin}\\\n${end}\n` },
  ],
  [
    'decoded texts',
    ['activities/gates/secrets/joined.ts', 'if (found) hits', 'if (false) hits'],
    { 'a.js': `const t = atob("${base64(github)}");\n` },
  ],
  [
    'names',
    ['activities/gates/scan.ts', '...(await scanName(file, file, lint)), ', ''],
    { [`${github}.txt`]: 'x' },
  ],
])('without the search in %s, the gate stays open', async (_, edit, files) => {
  const loaded = await unguarded([edit]).load<{ scanTree: typeof scanTree }>(
    'activities/gates/scan.ts',
  );
  expect(await scan(files)).toHaveLength(1);
  expect(await scan(files, loaded.scanTree)).toEqual([]);
});
