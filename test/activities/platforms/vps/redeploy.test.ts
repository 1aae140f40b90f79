import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { fingerprint } from '../../../../activities/platforms/vps/fingerprint.ts';
import { checkOut, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

describe('the commit that is live, deployed again', () => {
  let vpsFixture: VpsFixture;
  let sha = '';
  const release = (tree: string, name = '') =>
    join(vpsFixture.handles[0]?.directory as string, 'releases', tree, name);

  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees: [samples.good(1), samples.good(2)] });
    [sha = ''] = vpsFixture.shas;
    await deployRelease(vpsFixture, sha);
  });
  afterAll(() => vpsFixture.stop());

  test('is restarted by this deploy, never adopted from the one before', async () => {
    const { vps, step } = vpsFixture;
    const from = vpsFixture.effects().length;
    expect(await run(vps.stageRelease, step(sha))).toEqual({ staged: 'already' });
    const { switched, before } = await run(vps.switchRelease, step(sha));
    expect(switched).toBe('already');
    const once = await run(vps.restartService, { ...step(sha), before });
    expect(once.restarted).toBe('done');
    expect(once.invocationId).not.toBe(before);
    expect(await run(vps.restartService, { ...step(sha), before })).toEqual({
      ...once,
      restarted: 'already',
    });
    expect(vpsFixture.effects().slice(from)).toEqual([`restart shop-1 ${sha}`]);
  });

  test('is prepared anew beside what is live when prepare changed, and goes back to that tree', async () => {
    const { vps, step } = vpsFixture;
    const prepare = 'echo changed >prepared.txt';
    const change = { prepare };
    const tree = `${sha}-${fingerprint(prepare)}`;
    expect(await run(vps.stageRelease, step(sha, 0, change))).toEqual({ staged: 'done' });
    expect(existsSync(release(sha, 'server.mjs'))).toBe(true);
    expect(existsSync(release(sha, 'prepared.txt'))).toBe(false);
    expect(existsSync(release(tree, 'prepared.txt'))).toBe(true);
    expect(await run(vps.stageRelease, step(sha, 0, change))).toEqual({ staged: 'already' });
    const { switched, before } = await run(vps.switchRelease, step(sha, 0, change));
    expect(switched).toBe('done');
    await run(vps.restartService, { ...step(sha, 0, change), before });
    const state = await run(vps.verifyHost, { ...step(sha, 0, change), startUpMs: 10_000 });
    expect(state).toMatchObject({ sha, runningSha: sha, tree, healthy: true });
    const back = { ...step(sha, 0, change), tree: sha, startUpMs: 10_000 };
    const rolledBack = await run(vps.rollBackHost, back);
    expect(rolledBack).toMatchObject({ sha, runningSha: sha, healthy: true });
    expect(rolledBack.tree).toBeUndefined();
    expect(await run(vps.rollBackHost, back)).toEqual(rolledBack);
  });

  test('both trees of a commit that is named are kept', async () => {
    const [, other = ''] = vpsFixture.shas;
    await deployRelease(vpsFixture, other);
    const kept = { ...vpsFixture.step(other), keep: [sha] };
    expect(await run(vpsFixture.vps.pruneReleases, kept)).toEqual({ removed: [] });
  });
});

describe('a host that ran before Plimsoll came', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees: [samples.good(1), samples.good(2)] });
  });
  afterAll(() => vpsFixture.stop());

  test('says where the live files are, and rolls back to the same commit in a release of ours', async () => {
    const [old = '', next = ''] = vpsFixture.shas;
    const { directory, bin, unit } = vpsFixture.handles[0] as VpsFixture['handles'][number];
    const path = join(vpsFixture.root, 'v42');
    await checkOut(vpsFixture, path, old);
    mkdirSync(directory, { recursive: true });
    rmSync(join(directory, 'current'), { force: true });
    symlinkSync(path, join(directory, 'current'));
    await promisify(execFile)(join(bin, 'systemctl'), ['restart', unit]);
    const look = async () =>
      (await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target }))[0];
    await expect.poll(async () => (await look())?.healthy, { timeout: 20_000 }).toBe(true);
    expect(await look()).toMatchObject({ sha: null, active: true, foreign: { path, sha: old } });
    await run(vpsFixture.vps.stageRelease, vpsFixture.step(old));
    await deployRelease(vpsFixture, next);
    const back = { ...vpsFixture.step(old), startUpMs: 10_000 };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({
      sha: old,
      runningSha: old,
    });
    expect(existsSync(join(path, 'server.mjs'))).toBe(true);
  });
});
