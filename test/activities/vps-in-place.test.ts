import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples.ts';
import { checkOut, failureOf, run, ship, startVoyage } from './vps-fixture.ts';
import type { Voyage } from './vps-fixture.ts';

describe('a checkout in place', () => {
  let voyage: Voyage;
  let directory = '';
  let first = '';
  let second = '';
  const path = (name: string) => join(directory, name);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8' }).trim();

  beforeAll(async () => {
    const more = { 'notes.txt': 'ours\n' };
    voyage = await startVoyage({
      trees: [samples.good(0), samples.good(1), { ...samples.good(2), ...more }],
      host: { service: { unit: 'shop', directoryItself: true } },
      target: { checkout: 'in-place' },
    });
    directory = voyage.handles[0]?.directory as string;
    const [seed = '', ...rest] = voyage.shas;
    [first = '', second = ''] = rest;
    await checkOut(voyage, directory, seed);
    await ship(voyage, first);
  });
  afterAll(() => voyage.stop());

  const restored = () => run(voyage.vps.restoreHost, { ...voyage.step(first), startUpMs: 10_000 });

  test('is refused where a person changed a tracked file, and names it', async () => {
    appendFileSync(path('README.md'), 'by hand\n');
    const refusal = {
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: somebody changed files of the checkout ${directory}: README.md. Nothing was touched. ` +
        `Look, then commit them elsewhere or take them back: git -C ${directory} diff`,
    };
    const { vps, step } = voyage;
    expect(await failureOf(run(vps.stageRelease, step(second)))).toEqual(refusal);
    expect(await failureOf(run(vps.switchRelease, step(second)))).toEqual(refusal);
    expect(git('rev-parse', 'HEAD')).toBe(first);
    git('checkout', '--quiet', '--', 'README.md');
  });

  test('is refused only for untracked files that the commit would overwrite', async () => {
    writeFileSync(path('mine.txt'), 'mine\n');
    writeFileSync(path('notes.txt'), 'mine\n');
    const failure = await failureOf(run(voyage.vps.stageRelease, voyage.step(second)));
    expect(failure.message).toBe(
      `shop-1: the commit would overwrite files of ${directory} that git does not know: notes.txt. ` +
        'Nothing was touched. Move them away, then deploy again.',
    );
    writeFileSync(path('.git/info/exclude'), 'notes.txt\n');
    expect(await failureOf(run(voyage.vps.stageRelease, voyage.step(second)))).toEqual(failure);
    rmSync(path('notes.txt'));
    await ship(voyage, second);
    expect(readFileSync(path('mine.txt'), 'utf8')).toBe('mine\n');
    expect(readFileSync(path('.git/HEAD'), 'utf8').trim()).toBe(second);
  });

  test('goes back whatever is there, and loses nothing', async () => {
    appendFileSync(path('README.md'), 'by hand\n');
    expect(await restored()).toMatchObject({ sha: first, runningSha: first, healthy: true });
    const [kept = ''] = git('for-each-ref', '--format=%(refname)', 'refs/plimsoll/set-aside').split(
      '\n',
    );
    expect(git('show', `${kept}:README.md`)).toContain('by hand');
    expect(git('status', '--porcelain', '--untracked-files=no')).toBe('');
  });

  test('prepares after the checkout, within its time, and again on the way back', async () => {
    const prepare = 'git rev-parse HEAD >>prepared.log';
    const change = { prepare, prepareMs: 60_000 };
    const { vps, step } = voyage;
    await run(vps.switchRelease, step(second, 0, change));
    expect(await run(vps.switchRelease, step(second, 0, change))).toMatchObject({
      switched: 'already',
    });
    const back = { ...step(first, 0, change), startUpMs: 10_000 };
    await run(vps.restoreHost, back);
    expect(readFileSync(path('prepared.log'), 'utf8').split('\n')).toEqual([second, first, '']);
    const slow = { prepare: 'sleep 20', prepareMs: 1000 };
    const failure = await failureOf(run(vps.switchRelease, step(second, 0, slow)));
    expect(failure.message).toContain(
      `prepare of ${second.slice(0, 12)} did not end within 1 s and was stopped; ` +
        'the checkout has the new files, the service was not restarted.',
    );
    expect(await run(vps.restoreHost, back)).toMatchObject({ sha: first, healthy: true });
  });

  test('a directory that is none is refused', async () => {
    const { host, ...step } = voyage.step(first);
    const elsewhere = join(voyage.root, 'nothing');
    const failure = await failureOf(
      run(voyage.vps.stageRelease, { ...step, host: { ...host, directory: elsewhere } }),
    );
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: ${elsewhere} is not the top of a git checkout of this user. On the host: ` +
        `git -C ${elsewhere} status; or leave checkout out of plimsoll.yaml.`,
    });
    expect(existsSync(elsewhere)).toBe(false);
  });
});
