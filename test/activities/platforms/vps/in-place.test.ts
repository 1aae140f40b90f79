import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { checkOut, failureOf, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

describe('a checkout in place', () => {
  let vpsFixture: VpsFixture;
  let directory = '';
  let first = '';
  let second = '';
  const path = (name: string) => join(directory, name);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8' }).trim();

  beforeAll(async () => {
    const more = { 'notes.txt': 'ours\n' };
    vpsFixture = await startVpsFixture({
      trees: [samples.good(0), samples.good(1), { ...samples.good(2), ...more }],
      host: { service: { unit: 'shop', directoryItself: true } },
      target: { checkout: 'in-place' },
    });
    directory = vpsFixture.handles[0]?.directory as string;
    const [seed = '', ...rest] = vpsFixture.shas;
    [first = '', second = ''] = rest;
    await checkOut(vpsFixture, directory, seed);
    await deployRelease(vpsFixture, first);
  });
  afterAll(() => vpsFixture.stop());

  const rolledBack = () =>
    run(vpsFixture.vps.rollBackHost, { ...vpsFixture.step(first), startUpMs: 10_000 });

  test('is refused where a person changed a tracked file, and names it', async () => {
    appendFileSync(path('README.md'), 'by hand\n');
    const refusal = {
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: somebody changed files of the checkout ${directory}: README.md. Nothing was touched. ` +
        'Commit these changes elsewhere or discard them, then deploy again. ' +
        `See the changes on the host: git -C ${directory} diff`,
    };
    const { vps, step } = vpsFixture;
    expect(await failureOf(run(vps.stageRelease, step(second)))).toEqual(refusal);
    expect(await failureOf(run(vps.switchRelease, step(second)))).toEqual(refusal);
    expect(git('rev-parse', 'HEAD')).toBe(first);
    git('checkout', '--quiet', '--', 'README.md');
  });

  test('is refused only for untracked files that the commit would overwrite', async () => {
    writeFileSync(path('mine.txt'), 'mine\n');
    writeFileSync(path('notes.txt'), 'mine\n');
    const failure = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(second)));
    expect(failure.message).toBe(
      `shop-1: the commit would overwrite files of ${directory} that git does not know: notes.txt. ` +
        'Nothing was touched. Move these files away, then deploy again.',
    );
    writeFileSync(path('.git/info/exclude'), 'notes.txt\n');
    expect(await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(second)))).toEqual(
      failure,
    );
    rmSync(path('notes.txt'));
    await deployRelease(vpsFixture, second);
    expect(readFileSync(path('mine.txt'), 'utf8')).toBe('mine\n');
    expect(readFileSync(path('.git/HEAD'), 'utf8').trim()).toBe(second);
  });

  test('is rolled back whatever is there, and loses nothing', async () => {
    appendFileSync(path('README.md'), 'by hand\n');
    expect(await rolledBack()).toMatchObject({ sha: first, runningSha: first, healthy: true });
    const [kept = ''] = git('for-each-ref', '--format=%(refname)', 'refs/plimsoll/set-aside').split(
      '\n',
    );
    expect(git('show', `${kept}:README.md`)).toContain('by hand');
    expect(git('status', '--porcelain', '--untracked-files=no')).toBe('');
  });

  test('is not changed by a step that comes after the rollback has begun', async () => {
    const { vps, step } = vpsFixture;
    await run(vps.rollBackHost, { ...step(first), startUpMs: 10_000, epoch: 11 });
    const late = await failureOf(run(vps.switchRelease, { ...step(second), epoch: 10 }));
    expect(late.message).toContain(`rm ${path('.git/plimsoll.fence/11')}\n`);
    expect(git('rev-parse', 'HEAD')).toBe(first);
  });

  test('prepares after the checkout, within its time, and again during the rollback', async () => {
    const prepare = 'git rev-parse HEAD >>prepared.log';
    const change = { prepare, prepareMs: 60_000 };
    const { vps, step } = vpsFixture;
    await run(vps.switchRelease, step(second, 0, change));
    expect(await run(vps.switchRelease, step(second, 0, change))).toMatchObject({
      switched: 'already',
    });
    const back = { ...step(first, 0, change), startUpMs: 10_000 };
    await run(vps.rollBackHost, back);
    expect(readFileSync(path('prepared.log'), 'utf8').split('\n')).toEqual([second, first, '']);
    const slow = { prepare: 'sleep 20', prepareMs: 1000 };
    const failure = await failureOf(run(vps.switchRelease, step(second, 0, slow)));
    expect(failure.message).toContain(
      `prepare of ${second.slice(0, 12)} did not end within 1 s and was stopped. ` +
        'The checkout has the new files, but the service was not restarted.',
    );
    expect(await run(vps.rollBackHost, back)).toMatchObject({ sha: first, healthy: true });
  });

  test('waits for another deploy, and names the lock file', async () => {
    const lock = join(git('rev-parse', '--absolute-git-dir'), 'plimsoll.lock');
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec sleep 30'], {
      detached: true,
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const failure = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(second)));
    process.kill(-(holder.pid as number), 'SIGKILL');
    expect(failure).toEqual({
      type: 'Unavailable',
      final: false,
      message: `shop-1: another deploy is running on this host and holds the lock ${lock}. Plimsoll tries again.`,
    });
  });

  test('a directory that is none is refused', async () => {
    const { host, ...step } = vpsFixture.step(first);
    const elsewhere = join(vpsFixture.root, 'nothing');
    const failure = await failureOf(
      run(vpsFixture.vps.stageRelease, { ...step, host: { ...host, directory: elsewhere } }),
    );
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: ${elsewhere} is not the top directory of a git checkout that the ssh user may use. ` +
        'Remove checkout from plimsoll.yaml, or check the directory on the host: ' +
        `git -C ${elsewhere} status`,
    });
    expect(existsSync(elsewhere)).toBe(false);
  });
});
