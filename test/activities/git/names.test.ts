import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { partialTree } from '../../../activities/git/partial-tree.ts';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
const name = 'acme/odd';
let url = '';
beforeAll(async () => {
  at = await hostAndGit();
  await at.host.createRepository(name, [{ files: { a: '1' }, message: 'First' }]);
  url = at.host.url(name);
});
afterAll(() => at.close());

type Files = [path: Buffer | string, text: string][];

/** Commits exactly these files on the branch. The file names may have any bytes. */
async function commit(
  files: Files,
  { parent, branch = 'odd' }: { parent?: string; branch?: string },
) {
  const cwd = at.host.repositories.path(name);
  const env = { GIT_INDEX_FILE: join(cwd, `index-${Math.random()}`) };
  const run = async (args: string[], input?: string | Buffer) =>
    (
      await execa('git', args, { cwd, env, ...(input === undefined ? {} : { input }) })
    ).stdout.trim();
  const lines: Buffer[] = [];
  for (const [path, text] of files) {
    const id = await run(['hash-object', '-w', '--stdin'], text);
    lines.push(Buffer.from(`100644 ${id} 0\t`), Buffer.from(path), Buffer.from('\0'));
  }
  await run(['update-index', '-z', '--index-info'], Buffer.concat(lines));
  const tree = await run(['write-tree']);
  const who = ['-c', 'user.name=Sam', '-c', 'user.email=sam@example.test'];
  const parents = parent === undefined ? [] : ['-p', parent];
  const sha = await run([...who, 'commit-tree', tree, ...parents, '-m', 'odd']);
  await run(['update-ref', `refs/heads/${branch}`, sha]);
  return sha;
}

test('a file with the name of a commit does not make that commit one that changes the paths', async () => {
  const other = await commit([['other.txt', '1']], {});
  const sha = await commit(
    [
      [`shop/${other}`, '1'],
      [other, '1'],
    ],
    { branch: 'named' },
  );
  await at.git.resolve(url, 'named');
  expect(await at.git.touching(url, [other, sha], [other])).toEqual([sha]);
  expect(await at.git.touching(url, [other, sha], ['other.txt'])).toEqual([other]);
});

test.each([
  ['plain', 'gone.env'],
  ['with a line end at its beginning', '\ngone.env'],
  ['with a line end in a folder', 'a\nb/gone.env'],
  ['with a line end at the end of a folder', 'conf/\n.env'],
  ['with quotes and a backslash', 'a "b" \\c.env'],
  ['with other letters', 'café/日本語.env'],
])('a removed file is scanned under its own name: %s', async (_, path) => {
  const from = await commit([['a', '1']], {});
  const added = await commit(
    [
      ['a', '1'],
      [path, `secret ${path}`],
    ],
    { parent: from },
  );
  const to = await commit([['a', '2']], { parent: added });
  await at.git.resolve(url, 'odd');
  const { visitGone } = await at.git.exportRange(url, { from, to });
  const seen: Record<string, string> = {};
  await visitGone(async (directory) => {
    for (const file of readdirSync(directory, { recursive: true, withFileTypes: true }))
      if (file.isFile()) {
        const full = join(file.parentPath, file.name);
        seen[relative(directory, full).slice(41)] = readFileSync(full, 'utf8');
      }
  });
  expect(seen).toEqual({ [path]: `secret ${path}` });
});

test('a name that is no UTF-8 survives the revert of a part', async () => {
  const latin1 = Buffer.from('shop/caf\xe9.txt', 'latin1');
  const old = await commit(
    [
      ['lib/a', '1'],
      [latin1, 'old'],
    ],
    {},
  );
  const shipped = await commit(
    [
      ['lib/a', '2'],
      [latin1, 'new'],
    ],
    { parent: old },
  );
  await at.git.resolve(url, 'odd');
  const git = await at.git.plumbing(url);
  const tree = await partialTree(git, { shipped, rolledBackTo: old, paths: ['shop'] });
  const listed = await git(['ls-tree', '-r', '-z', tree], { encoding: 'latin1' });
  const names = listed.stdout
    .split('\0')
    .map((line) => line.split('\t')[1])
    .filter(Boolean);
  expect(names).toEqual(['lib/a', 'shop/caf\xe9.txt']);
  expect((await git(['cat-file', 'blob', `${tree}:shop/caf?.txt`])).code).not.toBe(0);
  const before = await git(['rev-parse', `${old}:shop`]);
  expect((await git(['rev-parse', `${tree}:shop`])).stdout).toBe(before.stdout);
});

test.each(['zeta', 'main', 'a/b'])(
  'the head of the branch %s is not that of a branch whose name ends the same',
  async (branch) => {
    const other = await commit([['a', branch]], { branch: `refs/heads/${branch}` });
    expect(await at.git.remoteHead(url, branch)).not.toBe(other);
    const sha = await commit([['b', branch]], { branch });
    expect(await at.git.remoteHead(url, branch)).toBe(sha);
    expect(sha).not.toBe(other);
  },
);

test.each([
  ['release', 'release/2'],
  ['release/2', 'release/2/b'],
  ['release/2/b', 'release'],
])('the mirror follows when the branch %s becomes %s', async (old, branch) => {
  const cwd = at.host.repositories.path(name);
  await execa('git', ['update-ref', '-d', `refs/heads/${old}`], { cwd });
  const sha = await commit([['c', branch]], { branch });
  expect(await at.git.resolve(url, branch)).toBe(sha);
});
