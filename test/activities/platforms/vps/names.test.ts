import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { checkOut, deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { cloneOf } from './team.ts';

const odd = [
  'plain.txt',
  'café.txt',
  '日本語.txt',
  'a b.txt',
  ' lead.txt',
  'trail.txt ',
  'quo"te.txt',
  'back\\slash.txt',
  'new\nline.txt',
  '-rf',
  '*.txt',
  'tab\there.txt',
  'ünter/gröb/naïf.txt',
];

const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

describe('names of files in a checkout in place', () => {
  let vpsFixture: VpsFixture;
  let directory = '';
  let [first, second] = ['', ''];
  const written = 'written by the service\n';
  const rolledBack = (sha = first) =>
    run(vpsFixture.vps.rollBackHost, { ...vpsFixture.step(sha), startUpMs: 10_000 });
  const moved = () => join(directory, '.git', 'plimsoll', 'moved');
  const kept = () =>
    existsSync(moved())
      ? readdirSync(moved(), { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map(({ parentPath, name }) => join(parentPath, name).slice(moved().length + 1))
          .map((path) => path.slice(path.indexOf('/') + 1))
          .toSorted()
      : [];

  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0)],
      host: { service: { unit: 'shop', directoryItself: true } },
      target: { checkout: 'in-place' },
    });
    directory = vpsFixture.handles[0]?.directory as string;
    const clone = await cloneOf(vpsFixture);
    for (const name of odd) write(join(clone.directory, 'public', name), 'of the first release\n');
    write(join(clone.directory, 'cache', 'deep', 'page.html'), 'of the first release\n');
    write(join(clone.directory, 'state'), 'of the first release\n');
    first = await clone.push('first');
    for (const name of ['public', 'cache', 'state'])
      rmSync(join(clone.directory, name), { recursive: true });
    second = await clone.push('second');
    await checkOut(vpsFixture, directory, vpsFixture.shas[0]!);
    await deployRelease(vpsFixture, first);
  });
  afterAll(() => vpsFixture.stop());
  beforeEach(async () => {
    rmSync(moved(), { recursive: true, force: true });
    const git = (...args: string[]) => execFileSync('git', ['-C', directory, ...args]);
    git('checkout', '--quiet', '--force', '--detach', second);
    git('clean', '-d', '--force', '-x', '--quiet');
    await deployRelease(vpsFixture, second);
  });

  test('every file that the service wrote again is moved aside by a rollback', async () => {
    for (const name of odd) write(join(directory, 'public', name), written);
    expect(await rolledBack()).toMatchObject({ sha: first, runningSha: first, healthy: true });
    for (const name of odd)
      expect(readFileSync(join(directory, 'public', name), 'utf8')).toBe('of the first release\n');
    expect(kept()).toEqual(odd.map((name) => `public/${name}`).toSorted());
  });

  test('a file where the release has a directory, and the reverse, are moved aside', async () => {
    write(join(directory, 'cache'), written);
    write(join(directory, 'state', 'a.json'), written);
    write(join(directory, 'state', 'deep', 'ü.json'), written);
    expect(await rolledBack()).toMatchObject({ sha: first, healthy: true });
    expect(kept()).toEqual(['cache', 'state/a.json', 'state/deep/ü.json']);
    expect(readFileSync(join(directory, 'cache/deep/page.html'), 'utf8')).toContain('first');
    expect(readFileSync(join(directory, 'state'), 'utf8')).toContain('first');
  });

  test('a link is moved aside, and nothing is written where it leads', async () => {
    const elsewhere = join(vpsFixture.root, 'data');
    mkdirSync(elsewhere, { recursive: true });
    symlinkSync(elsewhere, join(directory, 'cache'));
    symlinkSync('/nowhere', join(directory, 'state'));
    expect(await rolledBack()).toMatchObject({ sha: first, healthy: true });
    expect(kept()).toEqual(['cache', 'state']);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('two rollbacks keep both files', async () => {
    write(join(directory, 'state'), 'one\n');
    await rolledBack();
    await deployRelease(vpsFixture, second);
    write(join(directory, 'state', 'a'), 'two\n');
    await rolledBack();
    expect(kept()).toEqual(['state', 'state/a']);
  });

  test('a deploy is refused for such a file, and shows its name on one line', async () => {
    write(join(directory, 'public', 'café.txt'), written);
    write(join(directory, 'public', 'new\nline.txt'), written);
    write(join(directory, 'cache'), written);
    expect(await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(first)))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: the commit would overwrite files of ${directory} that git does not know: ` +
        'cache, public/café.txt, public/new?line.txt. Nothing was touched. ' +
        'Move these files away, then deploy again.',
    });
  });

  test('a deploy is refused for a changed file, and shows its name as it is', async () => {
    await rolledBack();
    for (const name of ['café.txt', 'quo"te.txt', ' lead.txt'])
      write(join(directory, 'public', name), 'by hand\n');
    const { message } = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(second)));
    expect(message).toBe(
      `shop-1: somebody changed files of the checkout ${directory}: public/ lead.txt, ` +
        'public/café.txt, public/quo"te.txt. Nothing was touched. Commit these changes elsewhere ' +
        `or discard them, then deploy again. See the changes on the host: git -C ${directory} diff`,
    );
    await rolledBack(second);
    const git = await cloneOf(vpsFixture);
    await git.git('fetch', '--quiet', directory, 'refs/plimsoll/set-aside/*:refs/heads/aside/*');
    const [aside = ''] = (
      await git.git('for-each-ref', '--format=%(refname)', 'refs/heads/aside')
    ).split('\n');
    expect(await git.git('show', `${aside}:public/café.txt`)).toBe('by hand');
  });
});

describe('names of files in a release', () => {
  let vpsFixture: VpsFixture;
  let sha = '';
  const tree = (name: string) =>
    join(vpsFixture.handles[0]?.directory ?? '', 'releases', sha, name);

  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees: [samples.good(0)] });
    const clone = await cloneOf(vpsFixture);
    for (const name of odd) write(join(clone.directory, name), 'approved\n');
    sha = await clone.push('odd names');
    await deployRelease(vpsFixture, sha);
  });
  afterAll(() => vpsFixture.stop());

  test.each(odd)('a change of %j in the live release is seen', async (name) => {
    expect(await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha))).toEqual({
      staged: 'already',
    });
    write(tree(name), 'evil\n');
    const { message } = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(sha)));
    expect(message).toContain(
      `after the commit was staged: ${name.replace('\n', '?').replace('\t', '\uFFFD')}. `,
    );
    write(tree(name), 'approved\n');
  });
});
