import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { checkOut, failureOf, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const altered = (where: string, files: string) => ({
  type: 'RejectedByPlatform',
  final: true,
  message:
    `shop-1: somebody changed files of ${where} after the commit was staged: ${files}. ` +
    'These are not the approved files, so the service was not restarted. ' +
    `Deploy this commit again. See the changes on the host: git -C ${where} status`,
});

describe('a release', () => {
  const prepare = 'mkdir -p dist && echo built >dist/app.js && ln -s app.js dist/link.js';
  let vpsFixture: VpsFixture;
  let [live, next] = ['', ''];
  const tree = (sha: string, name = '') =>
    join(vpsFixture.handles[0]?.directory ?? '', 'releases', sha, name);
  const staged = async (sha: string) =>
    (await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha))).staged;

  beforeAll(async () => {
    const trees = [samples.good(1), samples.good(2)];
    vpsFixture = await startVpsFixture({ trees, target: { prepare } });
    [live = '', next = ''] = vpsFixture.shas;
    await deployRelease(vpsFixture, live);
    expect(await staged(next)).toBe('done');
  });
  afterAll(() => vpsFixture.stop());

  test.each<[string, () => void]>([
    ['a file of the commit', () => appendFileSync(tree(next, 'server.mjs'), '// evil\n')],
    ['a prepared file', () => writeFileSync(tree(next, 'dist/app.js'), 'evil')],
    ['one file more', () => writeFileSync(tree(next, 'index.js'), 'evil')],
    ['one file less', () => rmSync(tree(next, 'dist/app.js'))],
    ['a right', () => chmodSync(tree(next, 'dist/app.js'), 0o755)],
    [
      'where a link leads',
      () => {
        rmSync(tree(next, 'dist/link.js'));
        symlinkSync('/tmp/evil.js', tree(next, 'dist/link.js'));
      },
    ],
  ])('that is staged and changed in %s is not switched to, and is made anew', async (_, change) => {
    expect(await staged(next)).toBe('already');
    change();
    const { type } = await failureOf(run(vpsFixture.vps.switchRelease, vpsFixture.step(next)));
    expect(type).toBe('RejectedByPlatform');
    expect(await staged(next)).toBe('done');
    expect(readFileSync(tree(next, 'dist/app.js'), 'utf8')).toBe('built\n');
  });

  test('that nobody kept a record of is taken if it is as committed, and else made anew', async () => {
    writeFileSync(
      `${tree(next)}.ready`,
      `${readFileSync(`${tree(next)}.ready`, 'utf8').slice(0, 8)}\n`,
    );
    expect(await staged(next)).toBe('already');
    appendFileSync(tree(next, 'README.md'), 'by hand\n');
    expect(await staged(next)).toBe('done');
  });

  test('is not restarted if somebody changed it after the switch, and the rollback is allowed', async () => {
    const { before } = await run(vpsFixture.vps.switchRelease, vpsFixture.step(next));
    appendFileSync(tree(next, 'server.mjs'), '// evil\n');
    appendFileSync(tree(live, 'README.md'), 'by hand\n');
    const restarting = run(vpsFixture.vps.restartService, { ...vpsFixture.step(next), before });
    expect(await failureOf(restarting)).toEqual(
      altered(tree(next).replace(/\/$/, ''), 'server.mjs'),
    );
    const back = { ...vpsFixture.step(live), startUpMs: 10_000 };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({
      sha: live,
      healthy: true,
    });
  });

  test('that is live and was changed is left alone, and refused', async () => {
    const where = tree(live).replace(/\/$/, '');
    const staging = () => run(vpsFixture.vps.stageRelease, vpsFixture.step(live));
    expect(await failureOf(staging())).toEqual(altered(where, 'README.md'));
    writeFileSync(tree(live, 'README.md'), samples.good(1)['README.md'] ?? '');
    writeFileSync(tree(live, 'service.log'), 'what a service writes beside its code\n');
    expect(await staging()).toEqual({ staged: 'already' });
    await deployRelease(vpsFixture, live);
  });
});

describe('a checkout in place', () => {
  let vpsFixture: VpsFixture;
  let directory = '';
  let [first, second] = ['', ''];
  beforeAll(async () => {
    const trees = [samples.good(1), samples.good(2)];
    const host = { service: { unit: 'shop', directoryItself: true } };
    const target = { checkout: 'in-place', prepare: 'echo prepared >>README.md' } as const;
    vpsFixture = await startVpsFixture({ trees, host, target });
    directory = vpsFixture.handles[0]?.directory ?? '';
    [first = '', second = ''] = vpsFixture.shas;
    await checkOut(vpsFixture, directory, first);
  });
  afterAll(() => vpsFixture.stop());

  test('is not restarted if somebody changed it after the switch', async () => {
    const { vps, step } = vpsFixture;
    await run(vps.stageRelease, step(second));
    const { before } = await run(vps.switchRelease, step(second));
    const input = { ...step(second), before };
    const server = join(directory, 'server.mjs');
    const was = readFileSync(server, 'utf8');
    appendFileSync(server, '// evil\n');
    expect(await failureOf(run(vps.restartService, input))).toEqual(
      altered(directory, 'README.md, server.mjs'),
    );
    writeFileSync(server, was);
    expect(await run(vps.restartService, input)).toMatchObject({ restarted: 'done' });
  });

  test('nor if it is live, and is deployed again', async () => {
    appendFileSync(join(directory, 'server.mjs'), '// evil\n');
    expect(await failureOf(deployRelease(vpsFixture, second))).toMatchObject({
      type: 'RejectedByPlatform',
    });
  });

  test('nor if somebody checked out another commit', async () => {
    const { vps, step } = vpsFixture;
    const rollBack = { ...step(second), startUpMs: 10_000 };
    await run(vps.rollBackHost, rollBack);
    const input = { ...step(second), before: 'f'.repeat(32) };
    const again = ['checkout', '--quiet', '--force', '--detach', first];
    execFileSync('git', ['-C', directory, ...again]);
    expect((await failureOf(run(vps.restartService, input))).message).toBe(
      `shop-1: somebody moved the checkout to releases/${first} after it was switched to ` +
        `${second.slice(0, 12)}, so the service was not restarted. ` +
        'Find out who else deploys to this host, then deploy this commit again.',
    );
  });
});
