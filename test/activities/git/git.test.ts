import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGit } from '../../../activities/git/git.ts';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let shas: string[];
let url: string;
const name = 'acme/shop';

beforeAll(async () => {
  at = await hostAndGit({ visibility: 'private' });
  const message =
    'Take cards\n\nFixes #7\n\nCo-authored-by: Kim <KIM@Example.test>\nCo-authored-by: Lee <lee@example.test>';
  shas = await at.host.createRepository(name, [
    { files: { 'a.txt': 'one\r\n', 'dir/b.txt': 'two\n' }, message: 'First' },
    { files: { 'a.txt': 'changed\n' }, message },
  ]);
  url = at.host.url(name);
  const { git } = at.host.repositories;
  const tagger = ['-c', 'user.name=S', '-c', 'user.email=s@example.test'];
  await git(name, [...tagger, 'tag', '-a', '-m', 'v1', 'v1.0', shas[0]!]);
  await git(name, ['tag', 'both', shas[0]!]);
  await git(name, ['branch', 'both', shas[1]!]);
});
afterAll(() => at.close());

describe('resolve', () => {
  test('finds a branch, a tag, a full and a short commit', async () => {
    expect(await at.git.resolve(url, 'main')).toBe(shas[1]);
    expect(await at.git.resolve(url, 'v1.0')).toBe(shas[0]);
    expect(await at.git.resolve(url, shas[0]!)).toBe(shas[0]);
    expect(await at.git.resolve(url, shas[0]!.slice(0, 7))).toBe(shas[0]);
    expect(await at.git.resolve(url, 'refs/heads/both')).toBe(shas[1]);
  });

  test('sees what was pushed a moment ago', async () => {
    const sha = await at.host.commit(name, { files: { x: '1' }, message: 'New', branch: 'new' });
    expect(await at.git.resolve(url, 'new')).toBe(sha);
  });

  test('refuses an unknown name, and says how to list the names', async () => {
    await expect(at.git.resolve(url, 'nope')).rejects.toMatchObject({
      type: 'Refused',
      nonRetryable: true,
      message: `${url} has no branch, tag or commit "nope".\nTo see all names: git ls-remote ${url}`,
    });
  });

  test.each(['--upload-pack=x', '-h', 'a..b', 'main@{1}', 'a b', '@', 'x^', 'a\u0000b', '/x'])(
    'refuses %j before git sees it',
    async (ref) => {
      await expect(at.git.resolve(url, ref)).rejects.toMatchObject({
        type: 'Refused',
        message:
          `${JSON.stringify(ref)} is not a valid name of a branch, a tag or a commit.\n` +
          'Give a name such as main, v1.2.3 or the 40 digits of a commit.',
      });
    },
  );

  test('refuses a name that is both a branch and a tag', async () => {
    await expect(at.git.resolve(url, 'both')).rejects.toThrow(
      '"both" names both a branch and a tag, at different commits.\n' +
        'For the branch, write refs/heads/both. For the tag, write refs/tags/both.',
    );
  });

  test('refuses a commit that is on no branch any more', async () => {
    const sha = await at.host.commit(name, { files: { y: '1' }, message: 'Gone', branch: 'gone' });
    await at.git.resolve(url, 'gone');
    await at.host.repositories.git(name, ['branch', '-D', 'gone']);
    await expect(at.git.resolve(url, sha)).rejects.toThrow(
      `${sha.slice(0, 12)} is on no branch and under no tag of ${url}.`,
    );
  });
});

describe('reading', () => {
  test('commits carry authors, committers and co-authors in lower case, and the whole text', async () => {
    const { commits, total } = await at.git.commits(url, shas[0]!, shas[1]!);
    expect(total).toBe(1);
    expect(commits[0]).toMatchObject({
      sha: shas[1],
      title: 'Take cards',
      emails: ['sam@example.test', 'kim@example.test', 'lee@example.test'],
    });
    expect((await at.git.messages(url, shas[0]!, shas[1]!))[0]!.message).toContain('Fixes #7');
    expect((await at.git.commits(url, null, shas[1]!)).total).toBe(2);
  });

  test.each([
    ['Merge pull request #7 from acme/fix\n\nTake cards', 'Merge pull request #7 from acme/fix'],
    ['Take \u202ecards\n\nMore', 'Take \\u202Ecards'],
    ['Take cards\rand \u001b[2Jmore', 'Take cards\\rand \\u001B[2Jmore'],
  ])(
    'the title of a commit is its first line, and shows what is invisible: %j',
    async (message, title) => {
      const [repository, branch] = [`acme/merged-${title.length}`, 'main'];
      const [sha = ''] = await at.host.createRepository(repository, [
        { files: { 'a.txt': title }, message, branch },
      ]);
      const { commits } = await at.git.commits(at.host.url(repository), null, sha);
      expect(commits).toMatchObject([{ sha, title }]);
    },
  );

  test('knows ancestors, trees and single files', async () => {
    expect(await at.git.isAncestor(url, shas[0]!, shas[1]!)).toBe(true);
    expect(await at.git.isAncestor(url, shas[1]!, shas[0]!)).toBe(false);
    expect(await at.git.treeOf(url, shas[0]!)).toMatch(/^[0-9a-f]{40}$/);
    expect(await at.git.readFile(url, shas[0]!, 'dir/b.txt')).toBe('two\n');
    expect(await at.git.readFile(url, shas[0]!, 'dir')).toBe(null);
    expect(await at.git.readFile(url, shas[0]!, '../../etc/passwd')).toBe(null);
    expect(await at.git.remoteHead(url, 'main')).toBe(shas[1]);
    expect(await at.git.remoteHead(url, 'none')).toBe(null);
  });

  test('exports the committed bytes, whatever the attributes say; links stay inside', async () => {
    await at.host.commit(name, {
      files: { 'a.txt': 'x\n', '.gitattributes': '*.txt eol=crlf filter=lfs export-ignore\n' },
      message: 'Attributes',
      branch: 'attributes',
    });
    const { stdout: link } = await execa('git', ['fast-import', '--quiet', '--done'], {
      cwd: at.host.repositories.path(name),
      input:
        'commit refs/heads/link\nmark :1\ncommitter S <s@example.test> 1 +0000\ndata 4\nlink' +
        '\nfrom refs/heads/attributes^0\nM 120000 inline link\ndata 11\n/etc/passwd\n' +
        'get-mark :1\ndone\n',
    });
    await at.git.resolve(url, 'link');
    const tree = await at.git.exportTree(url, link);
    expect((await readdir(tree.directory)).toSorted()).toEqual(
      ['.gitattributes', 'a.txt', 'dir', 'link'].toSorted(),
    );
    expect(await readFile(join(tree.directory, 'a.txt'), 'utf8')).toBe('x\n');
    expect(await readFile(join(tree.directory, 'link'), 'utf8')).toBe('/etc/passwd');
    await tree.dispose();
    await expect(readdir(tree.directory)).rejects.toThrow('ENOENT');
  });
});

describe('a remote with a fault', () => {
  test('a repository that is not there is a mistake of the configuration', async () => {
    const gone = at.host.url('acme/gone');
    await expect(at.git.resolve(gone, 'main')).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        `There is no repository at ${gone}, or this worker may not see it.\n` +
        `Check "repository" in plimsoll.yaml: git ls-remote ${gone}`,
    });
  });

  test('a wrong token is final, and neither it nor the right one is shown', async () => {
    const git = createGit({ workspace: `${at.workspace}-2`, token: () => 'wrong-token' });
    const failure = await git.resolve(url, 'main').catch((cause: Error) => cause);
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(String(failure)).toContain(`${url} refuses this worker: fatal: Authentication failed`);
    expect(String(failure)).not.toContain('token-');
    expect(String(failure)).not.toContain(Buffer.from('x-access-token:wrong').toString('base64'));
  });

  test('a 500 is transient', async () => {
    at.board.arm({ service: 'git', match: 'info/refs', kind: '500-before', times: 1 });
    await expect(at.git.resolve(url, 'main')).rejects.toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
    });
  });

  test('a mirror that a kill left locked is made again', async () => {
    const mirrors = join(at.workspace, 'mirrors');
    const { writeFile } = await import('node:fs/promises');
    for (const mirror of await readdir(mirrors))
      await writeFile(join(mirrors, mirror, 'packed-refs.lock'), '');
    await at.host.repositories.git(name, ['branch', '-D', 'new']);
    expect(await at.git.resolve(url, 'main')).toBe(shas[1]);
  });
});
