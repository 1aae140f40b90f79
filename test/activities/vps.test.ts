import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples.ts';
import { sshdPresent } from '../../sandbox/vps/sshd.ts';
import { hostTruth } from '../../sandbox/vps/truth.ts';
import { run, ship, startVoyage } from './vps-fixture.ts';
import type { Voyage } from './vps-fixture.ts';

describe.skipIf(!sshdPresent())('a VPS over sshd (needs /usr/sbin/sshd)', () => {
  suite('sshd');
});
describe('a VPS over ssh2', () => {
  suite('ssh2');
});

function suite(server: 'sshd' | 'ssh2') {
  let voyage: Voyage;
  beforeAll(async () => {
    const trees = [1, 2, 3, 4, 5, 6, 7, 8].map(samples.good);
    voyage = await startVoyage({ trees, host: { server } });
  });
  afterAll(() => voyage.stop());

  test('a fresh host is all nulls', async () => {
    expect(await run(voyage.vps.inspectHosts, { target: voyage.target })).toEqual([
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
    const [first = '', second = ''] = voyage.shas;
    await ship(voyage, first);
    const state = await ship(voyage, second);
    expect(state).toMatchObject({ sha: second, runningSha: second, active: true, healthy: true });
    expect(voyage.effects()).toEqual(
      [first, second].flatMap((sha) =>
        ['stage', 'switch', 'restart'].map((effect) => `${effect} shop-1 ${sha}`),
      ),
    );
    const [handle] = voyage.handles;
    expect(await hostTruth(handle as never)).toMatchObject({
      current: second,
      running: second,
      served: { status: 200, sha: second },
    });
  });

  test('every step that runs again finds its effect and adopts it', async () => {
    const [, , third = ''] = voyage.shas;
    const { vps, step } = voyage;
    const it = step(third);
    const before = voyage.effects().length;
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
    expect(voyage.effects().slice(before)).toEqual([
      `stage shop-1 ${third}`,
      `switch shop-1 ${third}`,
      `restart shop-1 ${third}`,
    ]);
  });

  test('restore goes back once, and a second time does nothing', async () => {
    const [, second = ''] = voyage.shas;
    const before = voyage.effects().length;
    const input = { ...voyage.step(second), startUpMs: 10_000 };
    const state = await run(voyage.vps.restoreHost, input);
    expect(state).toMatchObject({ sha: second, runningSha: second, healthy: true });
    expect(await run(voyage.vps.restoreHost, input)).toEqual(state);
    expect(voyage.effects().slice(before)).toEqual([
      `switch shop-1 ${second}`,
      `restart shop-1 ${second}`,
    ]);
  });

  test('restore needs no repository: the git host may be gone', async () => {
    const [first = ''] = voyage.shas;
    const step = voyage.step(first, 0, { repository: 'https://gone.invalid/acme/shop.git' });
    const state = await run(voyage.vps.restoreHost, { ...step, startUpMs: 10_000 });
    expect(state).toMatchObject({ sha: first, runningSha: first, healthy: true });
  });

  test('prune keeps the five newest, what is live and what is named', async () => {
    const [first = '', second = '', third = '', ...newer] = voyage.shas;
    for (const sha of newer) await run(voyage.vps.stageRelease, voyage.step(sha));
    const input = { ...voyage.step(first), keep: [second] };
    expect(await run(voyage.vps.pruneReleases, input)).toEqual({ removed: [third] });
    const { directory } = voyage.handles[0] as { directory: string };
    const there = voyage.shas.filter((sha) =>
      existsSync(`${directory}/releases/${sha}/server.mjs`),
    );
    expect(there).toEqual(voyage.shas.filter((sha) => sha !== third));
    expect(await run(voyage.vps.stageRelease, voyage.step(third))).toEqual({ staged: 'done' });
  });
}
