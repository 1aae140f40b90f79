import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { checkOut, deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { cloneOf } from './team.ts';

/**
 * Makes a repository with two themes as submodules, and returns its clone. One of the themes also
 * has a submodule. If `relative` is true, .gitmodules contains relative addresses.
 */
async function withThemes(vpsFixture: VpsFixture, { relative }: { relative: boolean }) {
  const { git: host } = vpsFixture;
  await host.createRepository('acme/icons', [{ files: { 'cart.svg': '<svg/>' }, message: 'i' }]);
  await host.createRepository('acme/theme', [{ files: { 'theme.css': 'one' }, message: 't' }]);
  const clone = await cloneOf(vpsFixture);
  const theme = join(clone.directory, 'vendor', 'the me');
  const address = (name: string) => (relative ? `../${name}.git` : host.url(`acme/${name}`));
  await clone.git('submodule', '--quiet', 'add', '--', address('theme'), 'vendor/the me');
  const inTheme = (...args: string[]) =>
    clone.git('-C', theme, '-c', 'user.name=Sam', '-c', 'user.email=sam@example.test', ...args);
  /** Commits a change of the theme, and pins the submodule to this commit. */
  const changeTheme = async (text: string) => {
    writeFileSync(join(theme, 'theme.css'), text);
    await inTheme('add', '--all');
    await inTheme('commit', '--quiet', '--message', text);
    await inTheme('push', '--quiet', clone.url('acme/theme'), 'HEAD:refs/heads/main');
    return clone.push(`theme ${text}`);
  };
  await inTheme('submodule', '--quiet', 'add', '--', address('icons'), 'icons');
  return { ...clone, changeTheme };
}

describe.each([
  ['absolute addresses, as releases', { relative: false, inPlace: false }],
  ['relative addresses, as releases', { relative: true, inPlace: false }],
  ['absolute addresses, in place', { relative: false, inPlace: true }],
  ['relative addresses, in place', { relative: true, inPlace: true }],
])('submodules with %s', (_, { relative, inPlace }) => {
  let vpsFixture: VpsFixture;
  let clone: Awaited<ReturnType<typeof withThemes>>;
  let [first, second] = ['', ''];
  const base = () => vpsFixture.handles[0]?.directory ?? '';
  const live = (name: string) => join(base(), inPlace ? '' : 'current', 'vendor/the me', name);
  const text = (name: string) => readFileSync(live(name), 'utf8');
  const rolledBack = (sha: string) =>
    run(vpsFixture.vps.rollBackHost, { ...vpsFixture.step(sha), startUpMs: 10_000 });

  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0)],
      host: { service: { unit: 'shop', directoryItself: inPlace } },
      target: inPlace ? { checkout: 'in-place' } : {},
    });
    clone = await withThemes(vpsFixture, { relative });
    first = await clone.changeTheme('two');
    second = await clone.changeTheme('three');
    if (inPlace) await checkOut(vpsFixture, base(), vpsFixture.shas[0]!);
  });
  afterAll(() => vpsFixture.stop());

  test('their files are live, at the commit that the release names', async () => {
    await deployRelease(vpsFixture, first);
    expect(text('theme.css')).toBe('two');
    expect(text('icons/cart.svg')).toBe('<svg/>');
    await deployRelease(vpsFixture, second);
    expect(text('theme.css')).toBe('three');
  });

  test('a rollback brings them back, without the repositories', async () => {
    const { git: host, board } = vpsFixture;
    board.arm({ service: 'git', match: '', kind: '500-before', times: 1000 });
    expect(await rolledBack(first)).toMatchObject({ sha: first, runningSha: first, healthy: true });
    board.clear();
    expect(text('theme.css')).toBe('two');
    expect(text('icons/cart.svg')).toBe('<svg/>');
    expect(host).toBeDefined();
  });

  test('a changed file of a submodule is seen before anything goes live', async () => {
    await run(vpsFixture.vps.stageRelease, vpsFixture.step(second));
    const file = inPlace
      ? live('theme.css')
      : join(base(), `releases/${second}/vendor/the me/theme.css`);
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, 'evil');
    const failure = await failureOf(run(vpsFixture.vps.switchRelease, vpsFixture.step(second)));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
    expect(failure.message).toContain('vendor/the me');
    writeFileSync(file, before);
  });

  test('a release without them, and the release with them again', async () => {
    await clone.git('rm', '--quiet', '-r', '--force', 'vendor', '.gitmodules');
    const without = await clone.push('no theme');
    await deployRelease(vpsFixture, without);
    expect(await rolledBack(second)).toMatchObject({ sha: second, healthy: true });
    expect(text('theme.css')).toBe('three');
    await deployRelease(vpsFixture, without);
    await deployRelease(vpsFixture, first);
    expect(text('theme.css')).toBe('two');
  });

  const upload = 'upload.txt';
  /** Why a deploy is refused while the service has a file of its own in the submodule. */
  const refusal = async (sha: string) => {
    writeFileSync(live(upload), 'by the service');
    const { message } = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(sha)));
    rmSync(live(upload));
    return message;
  };

  test('a submodule that became files goes live, is rolled back, and is a submodule again', async () => {
    if (relative) return;
    const theme = join(clone.directory, 'vendor/the me');
    await deployRelease(vpsFixture, second);
    await clone.git('checkout', '--quiet', '--force', second);
    await clone.git('submodule', '--quiet', 'update', '--init', '--recursive', '--force');
    await clone.git('rm', '--quiet', '--cached', 'vendor/the me');
    for (const name of ['.git', 'icons', '.gitmodules'])
      rmSync(join(theme, name), { recursive: true, force: true });
    await clone.git('rm', '--quiet', '--force', '.gitmodules');
    writeFileSync(join(theme, 'theme.css'), 'of the shop');
    const files = await clone.push('files', 'files');
    const unknown = 'that git does not know: vendor/the me/upload.txt. Nothing was touched.';
    expect(inPlace ? await refusal(files) : unknown).toContain(unknown);
    await deployRelease(vpsFixture, files);
    expect(text('theme.css')).toBe('of the shop');
    await rolledBack(second);
    expect(text('theme.css')).toBe('three');
    if (inPlace) writeFileSync(live(upload), 'by the service');
    await rolledBack(files);
    expect(text('theme.css')).toBe('of the shop');
    expect(existsSync(live(upload))).toBe(false);
    const moved = inPlace
      ? readdirSync(join(base(), '.git/plimsoll/moved'), { recursive: true })
      : [upload];
    expect(moved.some((path) => String(path).endsWith(upload))).toBe(true);
    await deployRelease(vpsFixture, first);
    expect(text('theme.css')).toBe('two');
    expect(text('icons/cart.svg')).toBe('<svg/>');
  });

  test('a rollback loses no change in a submodule', async () => {
    if (!inPlace) return;
    await deployRelease(vpsFixture, second);
    appendFileSync(live('theme.css'), ' by hand');
    await rolledBack(first);
    expect(text('theme.css')).toBe('two');
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', live('.'), ...args], { encoding: 'utf8' });
    const aside = git('for-each-ref', '--format=%(objectname)', 'refs/plimsoll/set-aside').trim();
    expect(git('show', `${aside}:theme.css`)).toBe('three by hand');
  });
});

describe('a submodule that cannot be shipped', () => {
  let vpsFixture: VpsFixture;
  let live = '';
  const staged = (sha: string) => run(vpsFixture.vps.stageRelease, vpsFixture.step(sha));
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees: [samples.good(0)] });
    live = vpsFixture.shas[0]!;
    await deployRelease(vpsFixture, live);
  });
  afterAll(() => vpsFixture.stop());
  const unready = (sha: string) =>
    expect(existsSync(join(vpsFixture.handles[0]!.directory, `releases/${sha}.ready`))).toBe(false);

  test('because .gitmodules does not name it, is refused', async () => {
    const clone = await cloneOf(vpsFixture);
    await clone.git('update-index', '--add', '--cacheinfo', `160000,${'c'.repeat(40)},plugin`);
    await clone.git('commit', '--quiet', '--message', 'a repository in the repository');
    await clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/unnamed');
    const sha = await clone.git('rev-parse', 'HEAD');
    expect(await failureOf(staged(sha))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      // The words of git differ between its versions.
      message: expect.stringMatching(
        new RegExp(
          `^shop-1: the submodules of ${sha.slice(0, 12)} are not complete. The live release was ` +
            "not touched. The last lines of git:\nfatal: [^\n]* path 'plugin'[^\n]*\n" +
            'Let the host read every repository in .gitmodules, then deploy again. ' +
            'Try it on the host: git ls-remote URL$',
        ),
      ),
    });
    unready(sha);
  });

  test.each([
    ['its repository is gone', 'acme/gone'],
    ['its commit is gone', 'acme/thin'],
  ])('because %s, is refused', async (_, name) => {
    const { git: host } = vpsFixture;
    if (name === 'acme/thin')
      await host.createRepository(name, [{ files: { a: '1' }, message: 'a' }]);
    const clone = await cloneOf(vpsFixture);
    await clone.git('config', '-f', '.gitmodules', 'submodule.lib.path', 'lib');
    await clone.git('config', '-f', '.gitmodules', 'submodule.lib.url', host.url(name));
    await clone.git('add', '.gitmodules');
    await clone.git('update-index', '--add', '--cacheinfo', `160000,${'c'.repeat(40)},lib`);
    await clone.git('commit', '--quiet', '--message', 'a submodule');
    await clone.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/gone');
    const sha = await clone.git('rev-parse', 'HEAD');
    const { message, ...failure } = await failureOf(staged(sha));
    expect(failure).toEqual({ type: 'RejectedByPlatform', final: true });
    expect(message).toContain(`shop-1: the submodules of ${sha.slice(0, 12)} are not complete. `);
    unready(sha);
    const [state] = await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target });
    expect(state).toMatchObject({ sha: live, healthy: true });
  });

  test('because it is marked "update = none", is shipped all the same', async () => {
    const clone = await withThemes(vpsFixture, { relative: false });
    await clone.git('config', '-f', '.gitmodules', 'submodule.vendor/the me.update', 'none');
    const sha = await clone.changeTheme('none');
    await deployRelease(vpsFixture, sha);
    const file = join(vpsFixture.handles[0]!.directory, 'current/vendor/the me/theme.css');
    expect(readFileSync(file, 'utf8')).toBe('none');
  });
});

const hasLfs = () => {
  try {
    return execFileSync('git', ['lfs', 'version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
};

const pointer =
  'version https://git-lfs.github.com/spec/v1\n' +
  'oid sha256:2d6c72fe33411b6b66cf5fc671d56ac1c68e406c75fe4f9c12d71e09abad8b87\nsize 1048576\n';

describe.each(['releases', 'in-place'] as const)('files in Git LFS, with %s', (checkout) => {
  let vpsFixture: VpsFixture;
  const attributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n';
  const inPlace = checkout === 'in-place';
  const shipped = async (sha: string) => {
    await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha));
    return (await run(vpsFixture.vps.switchRelease, vpsFixture.step(sha))).switched;
  };
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0), { ...samples.good(1), 'notes.txt': pointer, 'big.txt': attributes }],
      host: { service: { unit: 'shop', directoryItself: inPlace } },
      target: inPlace ? { checkout } : {},
    });
    if (inPlace) await checkOut(vpsFixture, vpsFixture.handles[0]!.directory, vpsFixture.shas[0]!);
  });
  afterAll(() => vpsFixture.stop());

  test('a text that only looks like a pointer is shipped', async () => {
    await expect(shipped(vpsFixture.shas[1]!)).resolves.toBe('done');
  });

  test.each([
    ['at the top', { '.gitattributes': attributes, 'model é.bin': pointer }, 'model é.bin'],
    ['in a folder', { 'data/.gitattributes': attributes, 'data/a b.bin': pointer }, 'data/a b.bin'],
    [
      'by a macro',
      { '.gitattributes': `[attr]big filter=lfs -text\n*.bin big\n`, '-x.bin': pointer },
      '-x.bin',
    ],
  ])('%s, are never served as pointers', async (_, files, name) => {
    const clone = await cloneOf(vpsFixture);
    await clone.git('config', 'filter.lfs.process', '');
    await clone.git('config', 'filter.lfs.clean', '');
    await clone.git('config', 'filter.lfs.required', 'false');
    for (const old of ['.gitattributes', 'data', 'model é.bin'])
      rmSync(join(clone.directory, old), { recursive: true, force: true });
    mkdirSync(join(clone.directory, 'data'), { recursive: true });
    for (const [path, text] of Object.entries(files))
      writeFileSync(join(clone.directory, path), text);
    const sha = await clone.push('large files');
    const failure = await failureOf(shipped(sha));
    const [untouched, short] = [
      inPlace
        ? 'The checkout has the new files, but the service was not restarted.'
        : 'The live release was not touched.',
      sha.slice(0, 12),
    ];
    expect({ ...failure, message: failure.message.split('\n')[0] }).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message: hasLfs()
        ? `shop-1: Git LFS did not fetch every file of ${short}. ${untouched} Still missing: ` +
          `${name}. The last lines of git lfs pull:`
        : `shop-1: ${short} has files in Git LFS (${name}), but the host has no git-lfs, so it ` +
          `would serve pointers in place of the files. ${untouched} Install git-lfs on the host, ` +
          'then deploy again: sudo apt-get install git-lfs',
    });
  });
});
