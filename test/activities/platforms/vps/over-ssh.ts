import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { hostTruth } from '../../../../sandbox/platforms/vps/truth.ts';
import { run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

/** The tests of a release on a host, over one kind of ssh server. */
export function testsOver(server: 'sshd' | 'ssh2') {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    const trees = [1, 2, 3, 4, 5, 6, 7, 8].map(samples.good);
    vpsFixture = await startVpsFixture({ trees, host: { server } });
  });
  afterAll(() => vpsFixture.stop());

  test('a fresh host is all nulls', async () => {
    expect(await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target })).toEqual([
      {
        host: 'shop-1',
        sha: null,
        runningSha: null,
        invocationId: null,
        active: false,
        healthy: false,
        ready: [],
        freeMb: expect.any(Number),
        canLock: true,
      },
    ]);
  });

  test('the first and the second release go live, each effect once', async () => {
    const [first = '', second = ''] = vpsFixture.shas;
    await deployRelease(vpsFixture, first);
    const state = await deployRelease(vpsFixture, second);
    expect(state).toMatchObject({ sha: second, runningSha: second, active: true, healthy: true });
    expect(vpsFixture.effects()).toEqual(
      [first, second].flatMap((sha) =>
        ['stage', 'switch', 'restart'].map((effect) => `${effect} shop-1 ${sha}`),
      ),
    );
    const [handle] = vpsFixture.handles;
    expect(await hostTruth(handle as never)).toMatchObject({
      current: second,
      running: second,
      served: { status: 200, sha: second },
    });
  });

  test('every step that runs again finds its effect and adopts it', async () => {
    const [, , third = ''] = vpsFixture.shas;
    const { vps, step } = vpsFixture;
    const it = step(third);
    const before = vpsFixture.effects().length;
    expect(await run(vps.stageRelease, it)).toEqual({ staged: 'done' });
    expect(await run(vps.stageRelease, it)).toEqual({ staged: 'already' });
    const flipped = await run(vps.switchRelease, it);
    expect(flipped.switched).toBe('done');
    const again = await run(vps.switchRelease, it);
    expect(again).toEqual({ switched: 'already', before: flipped.before });
    const first = await run(vps.restartService, { ...it, before: flipped.before });
    expect(first.restarted).toBe('done');
    const second = await run(vps.restartService, { ...it, before: flipped.before });
    expect(second).toEqual({ restarted: 'already', invocationId: first.invocationId });
    expect(vpsFixture.effects().slice(before)).toEqual([
      `stage shop-1 ${third}`,
      `switch shop-1 ${third}`,
      `restart shop-1 ${third}`,
    ]);
  });

  test('the rollback happens once, and a second one does nothing', async () => {
    const [, second = ''] = vpsFixture.shas;
    const before = vpsFixture.effects().length;
    const input = { ...vpsFixture.step(second), startUpMs: 10_000 };
    const state = await run(vpsFixture.vps.rollBackHost, input);
    expect(state).toMatchObject({ sha: second, runningSha: second, healthy: true });
    expect(await run(vpsFixture.vps.rollBackHost, input)).toEqual(state);
    expect(vpsFixture.effects().slice(before)).toEqual([
      `switch shop-1 ${second}`,
      `restart shop-1 ${second}`,
    ]);
  });

  test('the rollback needs no repository: the git host may be gone', async () => {
    const [first = ''] = vpsFixture.shas;
    const step = vpsFixture.step(first, 0, { repository: 'https://gone.invalid/acme/shop.git' });
    const state = await run(vpsFixture.vps.rollBackHost, { ...step, startUpMs: 10_000 });
    expect(state).toMatchObject({ sha: first, runningSha: first, healthy: true });
  });

  test('prune keeps the five newest, the live one and the named ones', async () => {
    const [first = '', second = '', third = '', ...newer] = vpsFixture.shas;
    for (const sha of newer) await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha));
    const input = { ...vpsFixture.step(first), keep: [second] };
    expect(await run(vpsFixture.vps.pruneReleases, input)).toEqual({ removed: [third] });
    const { directory } = vpsFixture.handles[0] as { directory: string };
    const there = vpsFixture.shas.filter((sha) =>
      existsSync(`${directory}/releases/${sha}/server.mjs`),
    );
    expect(there).toEqual(vpsFixture.shas.filter((sha) => sha !== third));
    expect(await run(vpsFixture.vps.stageRelease, vpsFixture.step(third))).toEqual({
      staged: 'done',
    });
  });
}
