import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
const name = 'acme/shop';
let url = '';
beforeAll(async () => {
  at = await hostAndGit();
  await at.host.createRepository(name, [{ files: { a: '1' }, message: 'First' }]);
  url = at.host.url(name);
});
afterAll(() => at.close());

const commit = (files: Record<string, string>, branch: string) =>
  at.host.commit(name, { files, message: branch, branch });

const pointer = (size = 1) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${'2'.repeat(64)}\nsize ${size}\n`;
const lfs = '*.bin filter=lfs diff=lfs merge=lfs -text\n';

describe('files in Git LFS', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['at the top', { '.gitattributes': lfs, 'é.bin': pointer() }, ['é.bin']],
    ['in a folder', { 'data/.gitattributes': lfs, 'data/a b.bin': pointer(2) }, ['data/a b.bin']],
    ['by a macro', { '.gitattributes': `[attr]big filter=lfs\n*.bin big\n`, x: pointer(3) }, ['x']],
    [
      'of Windows',
      { '.gitattributes': lfs, 'w.bin': pointer(8).replaceAll('\n', '\r\n') },
      ['w.bin'],
    ],
    [
      'of an earlier name',
      { '.gitattributes': lfs, 'o.bin': pointer(9).replace('git-lfs', 'hawser') },
      ['o.bin'],
    ],
    ['no attribute', { 'note.txt': pointer(4) }, []],
    ['another filter', { '.gitattributes': '*.bin filter=lfs2\n', 'b.bin': pointer(5) }, []],
    ['not a pointer', { '.gitattributes': lfs, 'c.bin': 'real bytes\n' }, []],
    ['no files', { '.gitattributes': lfs }, []],
  ])('are found: %s', async (what, files, found) => {
    const sha = await commit(files, `lfs-${what.replaceAll(' ', '-')}`);
    expect((await at.git.elsewhere(url, sha)).lfs).toEqual(found);
  });

  test('count only in the paths of the project', async () => {
    const files = { '.gitattributes': lfs, 'shop/a.bin': pointer(6), 'shopping/b.bin': pointer(7) };
    const sha = await commit(files, 'paths');
    expect((await at.git.elsewhere(url, sha, ['shop'])).lfs).toEqual(['shop/a.bin']);
    expect((await at.git.elsewhere(url, sha, ['other'])).lfs).toEqual([]);
  });
});

describe('submodules', () => {
  const withLinks = async (modules: string | null, paths: string[], branch: string) => {
    const files = modules === null ? { b: branch } : { '.gitmodules': modules };
    const base = await commit(files, branch);
    const cwd = at.host.repositories.path(name);
    const env = { GIT_INDEX_FILE: `${cwd}/index-${branch}` };
    const git = async (args: string[]) => (await execa('git', args, { cwd, env })).stdout.trim();
    await git(['read-tree', base]);
    for (const path of paths)
      await git(['update-index', '--add', '--cacheinfo', `160000,${'c'.repeat(40)},${path}`]);
    const who = ['-c', 'user.name=Sam', '-c', 'user.email=sam@example.test'];
    const sha = await git([
      ...who,
      'commit-tree',
      await git(['write-tree']),
      '-p',
      base,
      '-m',
      's',
    ]);
    await git(['update-ref', `refs/heads/${branch}`, sha]);
    return sha;
  };
  const module = (path: string, address: string) =>
    `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${address}\n`;

  test.each<[string, string, (address: string) => string | null]>([
    ['absolute', 'https://git.example.com/t.git', () => 'https://git.example.com/t.git'],
    ['ssh', 'git@git.example.com:acme/t.git', () => 'git@git.example.com:acme/t.git'],
    ['beside', '../theme.git', (address) => `${address}/acme/theme.git`],
    ['of another owner', '../../other/theme.git', (address) => `${address}/other/theme.git`],
    ['too high', '../../../../theme.git', () => null],
  ])('have an address: %s', async (what, address, resolved) => {
    const sha = await withLinks(
      module('the me', address),
      ['the me'],
      `sub-${what.replaceAll(' ', '-')}`,
    );
    const origin = new URL(url).origin;
    expect((await at.git.elsewhere(url, sha)).submodules).toEqual([
      { path: 'the me', url: resolved(origin) },
    ]);
  });

  test('have no address without .gitmodules, or without an entry', async () => {
    const without = await withLinks(null, ['plugin'], 'no-file');
    expect((await at.git.elsewhere(url, without)).submodules).toEqual([
      { path: 'plugin', url: null },
    ]);
    const other = await withLinks(
      module('theme', 'https://t.example.com/t'),
      ['plugin'],
      'no-entry',
    );
    expect((await at.git.elsewhere(url, other)).submodules).toEqual([
      { path: 'plugin', url: null },
    ]);
    expect((await at.git.elsewhere(url, other, ['shop'])).submodules).toEqual([]);
  });
});
