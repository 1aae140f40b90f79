import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { installGitLfs } from '../../../support/git-lfs.ts';
import { checkOut, deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { startLfsServer } from './lfs-server.ts';
import { cloneOf } from './team.ts';

const model = (letter: string) => Buffer.alloc(2000, letter);
const attributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n';

describe.each(['releases', 'in-place'] as const)('Git LFS on a host, with %s', (checkout) => {
  const inPlace = checkout === 'in-place';
  let vpsFixture: VpsFixture;
  let clone: Awaited<ReturnType<typeof cloneOf>>;
  let server: Awaited<ReturnType<typeof startLfsServer>>;
  let [first, second] = ['', ''];
  const base = () => vpsFixture.handles[0]!.directory;
  const live = (name: string) => join(base(), inPlace ? '' : 'current', name);
  const served = (name: string) => readFileSync(live(name), 'utf8');
  const rolledBack = (sha: string) =>
    run(vpsFixture.vps.rollBackHost, { ...vpsFixture.step(sha), startUpMs: 10_000 });
  /** Commits these files without the filter of Git LFS, so the text of a pointer stays as it is. */
  const commit = (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files))
      writeFileSync(join(clone.directory, path), text);
    return clone.push('large files');
  };

  beforeAll(async () => {
    await installGitLfs();
    server = await startLfsServer();
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0)],
      host: { service: { unit: 'shop', directoryItself: inPlace } },
      target: inPlace ? { checkout } : {},
    });
    clone = await cloneOf(vpsFixture);
    for (const key of ['process', 'clean', 'smudge'])
      await clone.git('config', `filter.lfs.${key}`, '');
    await clone.git('config', 'filter.lfs.required', 'false');
    first = await commit({
      '.gitattributes': attributes,
      '.lfsconfig': `[lfs]\n\turl = ${server.url}\n`,
      'é model.bin': server.pointer(model('a')),
      'small.bin': server.pointer(Buffer.from('x')),
    });
    second = await commit({ 'é model.bin': server.pointer(model('b')) });
    if (inPlace) await checkOut(vpsFixture, base(), vpsFixture.shas[0]!);
  });
  afterAll(async () => {
    await vpsFixture.stop();
    await server.close();
  });

  test('the files are live, and not their pointers', async () => {
    await deployRelease(vpsFixture, first);
    expect(served('é model.bin')).toBe(model('a').toString());
    expect(served('small.bin')).toBe('x');
    await deployRelease(vpsFixture, second);
    expect(served('é model.bin')).toBe(model('b').toString());
  });

  test('a rollback brings the old files back while the server of Git LFS is down', async () => {
    server.state.down = true;
    expect(await rolledBack(first)).toMatchObject({ sha: first, healthy: true });
    server.state.down = false;
    expect(served('é model.bin')).toBe(model('a').toString());
  });

  test('a changed file is seen before it goes live', async () => {
    await run(vpsFixture.vps.stageRelease, vpsFixture.step(second));
    const file = inPlace ? live('é model.bin') : join(base(), `releases/${second}/é model.bin`);
    const before = readFileSync(file);
    writeFileSync(file, 'evil');
    const failure = await failureOf(run(vpsFixture.vps.switchRelease, vpsFixture.step(second)));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
    expect(failure.message).toContain('é model.bin');
    writeFileSync(file, before);
  });

  test.each([
    ['the server does not have', {}, false],
    ['the repository excludes', { fetchexclude: '*.bin' }, true],
    ['the repository does not include', { fetchinclude: '*.txt' }, true],
  ])('a file that %s is refused', async (_, settings, kept) => {
    const lines = Object.entries(settings).map(([key, value]) => `\t${key} = ${value}\n`);
    const sha = await commit({
      '.lfsconfig': `[lfs]\n\turl = ${server.url}\n${lines.join('')}`,
      'gone.bin': server.pointer(model(`${Object.keys(settings)}`), { kept }),
    });
    const failure = await failureOf(deployRelease(vpsFixture, sha));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
    expect(failure.message).toMatch(/^shop-1: Git LFS did not fetch every file of /);
    expect(failure.message).toMatch(/Still missing: .*gone\.bin/);
    rmSync(join(clone.directory, 'gone.bin'));
    await commit({ '.lfsconfig': `[lfs]\n\turl = ${server.url}\n` });
  });

  test('a release without Git LFS, and the release with it again', async () => {
    await clone.git('rm', '--quiet', '.gitattributes', '.lfsconfig', '*.bin');
    const without = await clone.push('no large files');
    await deployRelease(vpsFixture, without);
    expect(await rolledBack(second)).toMatchObject({ sha: second, healthy: true });
    expect(served('é model.bin')).toBe(model('b').toString());
  });
});
