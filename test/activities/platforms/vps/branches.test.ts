import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { checkOut, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { cloneOf } from './team.ts';

describe.each(['releases', 'in-place'] as const)('a branch in the way, with %s', (checkout) => {
  let vpsFixture: VpsFixture;
  let clone: Awaited<ReturnType<typeof cloneOf>>;
  beforeAll(async () => {
    const inPlace = checkout === 'in-place';
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0), samples.good(1)],
      host: { service: { unit: 'shop', directoryItself: inPlace } },
      target: inPlace ? { checkout } : {},
    });
    clone = await cloneOf(vpsFixture);
    await clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/release');
    await clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/hotfix/1');
    if (inPlace) await checkOut(vpsFixture, vpsFixture.handles[0]!.directory, vpsFixture.shas[0]!);
    await staged(await clone.push('both branches are fetched'));
  });
  afterAll(() => vpsFixture.stop());
  const staged = async (sha: string) =>
    (await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha))).staged;

  test.each([
    ['release', 'release/2'],
    ['hotfix/1', 'hotfix'],
    ['release/2', 'release/2/b'],
    ['release/2/b', 'release'],
  ])(
    'the branch %s was deleted, and %s has the commit: it is staged at once',
    async (old, name) => {
      await clone.git('push', '--quiet', 'origin', `:refs/heads/${old}`);
      expect(await staged(await clone.push(`on ${name}`, name))).toBe('done');
    },
  );

  test('a lock of a git that was killed is not in the way, and is removed after 10 minutes', async () => {
    if (checkout === 'in-place') return;
    const own = join(vpsFixture.handles[0]!.directory, 'repo.git');
    const locks = [join(own, 'packed-refs.lock'), join(own, 'refs/plimsoll/heads/main.lock')];
    for (const lock of locks) writeFileSync(lock, '');
    expect(await staged(await clone.push('while git is locked'))).toBe('done');
    expect(locks.map((lock) => existsSync(lock))).toEqual([true, true]);
    const old = new Date(Date.now() - 11 * 60_000);
    for (const lock of locks) utimesSync(lock, old, old);
    expect(await staged(await clone.push('later'))).toBe('done');
    expect(locks.map((lock) => existsSync(lock))).toEqual([false, false]);
  });

  test('a branch with the name of a commit names no commit', async () => {
    const sha = await clone.push('real');
    await clone.git('push', '--quiet', '--force', 'origin', `HEAD~1:refs/heads/${sha}`);
    expect(await staged(sha)).toBe('done');
  });

  test('a commit that was never pushed is refused, and names the command', async () => {
    const sha = 'd'.repeat(40);
    expect(await failureOf(staged(sha))).toMatchObject({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: commit ${sha.slice(0, 12)} cannot be fetched from ${vpsFixture.target.repository}. ` +
        `Push it, or check on the host: git ls-remote ${vpsFixture.target.repository}`,
    });
  });

  test('a git server that does not answer is tried again', async () => {
    const sha = await clone.push('soon');
    vpsFixture.board.arm({ service: 'git', match: '', kind: '500-before', times: 2 });
    expect(await failureOf(staged(sha))).toMatchObject({ type: 'Unavailable', final: false });
    vpsFixture.board.clear();
    expect(await staged(sha)).toBe('done');
  });
});
