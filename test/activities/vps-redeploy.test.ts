import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples.ts';
import { fingerprint } from '../../activities/platforms/vps/fingerprint.ts';
import { checkOut, run, ship, startVoyage } from './vps-fixture.ts';
import type { Voyage } from './vps-fixture.ts';

describe('the commit that is live, deployed again', () => {
  let voyage: Voyage;
  let sha = '';
  const release = (tree: string, name = '') =>
    join(voyage.handles[0]?.directory as string, 'releases', tree, name);

  beforeAll(async () => {
    voyage = await startVoyage({ trees: [samples.good(1), samples.good(2)] });
    [sha = ''] = voyage.shas;
    await ship(voyage, sha);
  });
  afterAll(() => voyage.stop());

  test('is restarted by this deploy, never adopted from the one before', async () => {
    const { vps, step } = voyage;
    const from = voyage.effects().length;
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
    expect(voyage.effects().slice(from)).toEqual([`restart shop-1 ${sha}`]);
  });

  test('is prepared anew beside what is live when prepare changed, and goes back to that tree', async () => {
    const { vps, step } = voyage;
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
    const restored = await run(vps.restoreHost, back);
    expect(restored).toMatchObject({ sha, runningSha: sha, healthy: true });
    expect(restored.tree).toBeUndefined();
    expect(await run(vps.restoreHost, back)).toEqual(restored);
  });

  test('both trees of a commit that is named are kept', async () => {
    const [, other = ''] = voyage.shas;
    await ship(voyage, other);
    const kept = { ...voyage.step(other), keep: [sha] };
    expect(await run(voyage.vps.pruneReleases, kept)).toEqual({ removed: [] });
  });
});

describe('a host that ran before Plimsoll came', () => {
  let voyage: Voyage;
  beforeAll(async () => {
    voyage = await startVoyage({ trees: [samples.good(1), samples.good(2)] });
  });
  afterAll(() => voyage.stop());

  test('says where what is live lies, and goes back to the same commit in a release of ours', async () => {
    const [old = '', next = ''] = voyage.shas;
    const { directory, bin, unit } = voyage.handles[0] as Voyage['handles'][number];
    const path = join(voyage.root, 'v42');
    await checkOut(voyage, path, old);
    mkdirSync(directory, { recursive: true });
    rmSync(join(directory, 'current'), { force: true });
    symlinkSync(path, join(directory, 'current'));
    await promisify(execFile)(join(bin, 'systemctl'), ['restart', unit]);
    const look = async () => (await run(voyage.vps.inspectHosts, { target: voyage.target }))[0];
    await expect.poll(async () => (await look())?.healthy, { timeout: 20_000 }).toBe(true);
    expect(await look()).toMatchObject({ sha: null, active: true, foreign: { path, sha: old } });
    await run(voyage.vps.stageRelease, voyage.step(old));
    await ship(voyage, next);
    const back = { ...voyage.step(old), startUpMs: 10_000 };
    expect(await run(voyage.vps.restoreHost, back)).toMatchObject({ sha: old, runningSha: old });
    expect(existsSync(join(path, 'server.mjs'))).toBe(true);
  });
});
