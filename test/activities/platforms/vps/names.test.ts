import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { checkOut, deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { expectChangeIsSeen, hostWithOddNames, odd, write } from './odd-names.ts';
import { cloneOf } from './team.ts';

/** Each test begins where the test before it ended, because every deploy takes long. */
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
  /** The names that the first release has and the second release does not have. */
  const removed = ['public', 'cache', 'state', 'link', 'loose'];

  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0)],
      host: { service: { unit: 'shop', directoryItself: true } },
      target: { checkout: 'in-place' },
    });
    directory = vpsFixture.handles[0]?.directory as string;
    const clone = await cloneOf(vpsFixture);
    for (const name of odd) write(join(clone.directory, 'public', name), 'of the first release\n');
    for (const name of ['cache/deep/page.html', 'link/deep/page.html', 'state', 'loose'])
      write(join(clone.directory, name), 'of the first release\n');
    first = await clone.push('first');
    for (const name of removed) rmSync(join(clone.directory, name), { recursive: true });
    second = await clone.push('second');
    await checkOut(vpsFixture, directory, vpsFixture.shas[0]!);
    await deployRelease(vpsFixture, first);
    await deployRelease(vpsFixture, second);
  });
  afterAll(() => vpsFixture.stop());

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
    for (const name of removed) rmSync(join(directory, name), { recursive: true, force: true });
  });

  test('a rollback moves aside every file and link that the service wrote', async () => {
    for (const name of odd) write(join(directory, 'public', name), written);
    // A file where the release has a directory, and a directory where it has a file.
    write(join(directory, 'cache'), written);
    write(join(directory, 'state', 'a.json'), written);
    write(join(directory, 'state', 'deep', 'ü.json'), written);
    const elsewhere = join(vpsFixture.root, 'data');
    mkdirSync(elsewhere, { recursive: true });
    symlinkSync(elsewhere, join(directory, 'link'));
    symlinkSync('/nowhere', join(directory, 'loose'));
    expect(await rolledBack()).toMatchObject({ sha: first, runningSha: first, healthy: true });
    const ofTheRelease = [
      ...odd.map((name) => `public/${name}`),
      ...['cache/deep/page.html', 'link/deep/page.html', 'state', 'loose'],
    ];
    for (const name of ofTheRelease)
      expect(readFileSync(join(directory, name), 'utf8')).toBe('of the first release\n');
    expect(kept()).toEqual(
      [
        ...odd.map((name) => `public/${name}`),
        ...['cache', 'link', 'loose', 'state/a.json', 'state/deep/ü.json'],
      ].toSorted(),
    );
    // Nothing was written where the link leads.
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('a deploy is refused for a changed file, and shows its name as it is', async () => {
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

  test('two rollbacks keep both files', async () => {
    write(join(directory, 'state'), 'the second file\n');
    await rolledBack();
    expect(kept()).toEqual(expect.arrayContaining(['state', 'state/a.json']));
  });
});

describe('names of files in a release', () => {
  let host: Awaited<ReturnType<typeof hostWithOddNames>>;
  beforeAll(async () => {
    host = await hostWithOddNames();
  });
  afterAll(() => host?.vpsFixture.stop());

  test.each(['café.txt', ' lead.txt', 'new\nline.txt', '-rf'])(
    'a change of %j in the live release is seen',
    (name) => expectChangeIsSeen(host.vpsFixture, host.sha, name),
  );

  test('an unchanged release is staged already', async () => {
    const { vpsFixture, sha } = host;
    const staged = await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha));
    expect(staged).toEqual({ staged: 'already' });
  });
});
