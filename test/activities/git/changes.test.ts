import { chmod, mkdtemp, rename, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readChanges } from '../../../activities/git/changes.ts';
import { runGit } from '../../../activities/git/run.ts';
import type { Change } from '../../../domain/approval/changes.ts';

let directory: string;
const inRepository = (args: string[], call = {}) => runGit(args, { ...call, cwd: directory });
const author = { GIT_AUTHOR_NAME: 'S', GIT_AUTHOR_EMAIL: 's@example.test' };
const committer = { GIT_COMMITTER_NAME: 'S', GIT_COMMITTER_EMAIL: 's@example.test' };
const git = async (...args: string[]) =>
  (await execa('git', args, { cwd: directory, env: { ...author, ...committer } })).stdout.trim();
const at = (path: string) => join(directory, path);
const commit = async () => {
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '-m', 'x');
  return git('rev-parse', 'HEAD');
};
const changes = (from: string | null, to: string, limits?: { files: number; bytes: number }) =>
  readChanges(inRepository, { from, to }, limits);
const shown = ({ path, before, after }: Change) => [
  path,
  before?.text ?? null,
  after?.text ?? null,
];

let first: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-changes-'));
  await git('init', '--quiet', '--initial-branch=main');
  await mkdir(at('migrations'));
  await writeFile(at('migrations/1.sql'), 'select 1;\n');
  await writeFile(at('a.txt'), 'äöü\n\n');
  await writeFile(at('b.bin'), Buffer.from([0, 255, 254, 10]));
  first = await commit();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const onBranch = async (name: string, work: () => Promise<unknown>) => {
  await git('checkout', '--quiet', '-B', name, first);
  await work();
  return commit();
};

describe('the changes between two commits', () => {
  test('are all of them where nothing is live', async () => {
    const { files, unread, links } = await changes(null, first);
    expect(files.map(shown)).toEqual([
      ['a.txt', null, 'äöü\n\n'],
      ['b.bin', null, Buffer.from([0, 255, 254, 10]).toString()],
      ['migrations/1.sql', null, 'select 1;\n'],
    ]);
    expect({ unread, links }).toEqual({ unread: null, links: [] });
  });

  test('are none between equal trees', async () => {
    const same = await onBranch('same', async () => {});
    expect((await changes(first, same)).files).toEqual([]);
  });

  test('a rename is a file that goes and one that comes', async () => {
    const moved = await onBranch('moved', () => rename(at('migrations/1.sql'), at('hidden.txt')));
    expect((await changes(first, moved)).files.map(shown)).toEqual([
      ['hidden.txt', null, 'select 1;\n'],
      ['migrations/1.sql', 'select 1;\n', null],
    ]);
  });

  test('a deletion and a mode count', async () => {
    const sha = await onBranch('mode', async () => {
      await chmod(at('a.txt'), 0o755);
      await rm(at('migrations/1.sql'));
    });
    expect((await changes(first, sha)).files).toEqual([
      {
        path: 'a.txt',
        before: { mode: '100644', text: 'äöü\n\n' },
        after: { mode: '100755', text: 'äöü\n\n' },
      },
      { path: 'migrations/1.sql', before: { mode: '100644', text: 'select 1;\n' }, after: null },
    ]);
  });

  test('a binary file is read, a picture only by its name', async () => {
    const sha = await onBranch('binary', async () => {
      await writeFile(at('c.dat'), Buffer.concat([Buffer.from([0, 1]), Buffer.from('stripe')]));
      await writeFile(at('photo.JPG'), 'stripe');
    });
    expect((await changes(first, sha)).files).toEqual([
      { path: 'c.dat', before: null, after: { mode: '100644', text: '\u0000\u0001stripe' } },
      { path: 'photo.JPG', before: null, after: { mode: '100644', text: null } },
    ]);
  });

  test('a submodule counts, also one that the commit says to ignore', async () => {
    const sha = await onBranch('submodule', async () => {
      await writeFile(
        at('.gitmodules'),
        '[submodule "x"]\n\tpath = x\n\turl = ./x\n\tignore = all\n',
      );
      await git('update-index', '--add', '--cacheinfo', `160000,${first},x`);
      await mkdir(at('x'));
    });
    expect((await changes(first, sha)).files.find(({ path }) => path === 'x')).toEqual({
      ...{ path: 'x', before: null, after: { mode: '160000', text: null } },
    });
  });

  test('a link is reported with its target', async () => {
    const sha = await onBranch('link', async () => {
      await mkdir(at('supabase'));
      await symlink('../steps/', at('supabase/migrations'));
    });
    const { files, links } = await changes(first, sha);
    expect(files.map(shown)).toEqual([['supabase/migrations', null, '../steps/']]);
    expect(links).toEqual([{ path: 'supabase/migrations', target: 'steps' }]);
  });

  test('what a merge alone brought counts', async () => {
    await onBranch('side', () => writeFile(at('side.txt'), 'side'));
    await onBranch('into', () => writeFile(at('into.txt'), 'into'));
    await git('merge', '--quiet', '--no-commit', '--no-ff', 'side');
    await writeFile(at('migrations/2.sql'), 'evil');
    const merge = await commit();
    expect((await git('rev-list', '--parents', '-n1', merge)).split(' ')).toHaveLength(3);
    const { files } = await changes(first, merge);
    expect(files.map(({ path }) => path)).toEqual(['into.txt', 'migrations/2.sql', 'side.txt']);
  });

  test('a name with a line break, quotes and a tab', async () => {
    const name = 'a\n"b"\tc.sql';
    const sha = await onBranch('name', () => writeFile(at(name), 'x'));
    expect((await changes(first, sha)).files.map(shown)).toEqual([[name, null, 'x']]);
  });

  test('beyond the limits are reported, with every path', async () => {
    const many = await changes(null, first, { files: 2, bytes: 1024 ** 2 });
    expect(many.unread).toBe('there are 3 changed files, but at most 2 are read');
    const large = await changes(null, first, { files: 9, bytes: 10 });
    expect(large.unread).toBe('the changed files have 0.0 MB, but at most 0.0 MB are read');
    expect(large.files.map(shown)).toEqual([
      ['a.txt', null, null],
      ['b.bin', null, null],
      ['migrations/1.sql', null, null],
    ]);
  });

  test('a commit that is not there is not an empty answer', async () => {
    await expect(changes(first, 'f'.repeat(40))).rejects.toMatchObject({ nonRetryable: false });
  });
});
