import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../../../activities/platforms/vps/commands.ts';
import { withSsh } from '../../../../activities/platforms/vps/ssh/ssh.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { hostTruth } from '../../../../sandbox/platforms/vps/truth.ts';
import { failureOf, hostOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

describe('the fence of a host', () => {
  let fixture: VpsFixture;
  let [old, next, later] = ['', '', ''];
  beforeAll(async () => {
    fixture = await startVpsFixture({
      trees: [samples.good(0), samples.good(1), samples.good(2), samples.good(3)],
    });
    [, old = '', next = '', later = ''] = fixture.shas;
    await deploy(old, 10);
  });
  afterAll(() => fixture.stop());

  const directory = () => fixture.handles[0]?.directory as string;
  const epochs = () => readdirSync(join(directory(), '.plimsoll.fence'));
  const step = (sha: string, epoch: number) => ({ ...fixture.step(sha), epoch });
  const live = async () => (await hostTruth(fixture.handles[0]!)).running;
  const back = (sha: string, epoch: number) =>
    run(fixture.vps.rollBackHost, { ...step(sha, epoch), startUpMs: 10_000 });

  async function deploy(sha: string, epoch: number) {
    const { vps } = fixture;
    await run(vps.stageRelease, step(sha, epoch));
    const { before } = await run(vps.switchRelease, step(sha, epoch));
    await run(vps.restartService, { ...step(sha, epoch), before });
    return await run(vps.verifyHost, { ...step(sha, epoch), startUpMs: 10_000 });
  }

  const tooLate = (epoch: number) => ({
    type: 'Refused',
    final: true,
    message:
      'shop-1: this step came too late. A newer deploy, or the rollback of this deploy, has begun ' +
      'on this host, so the step changed nothing.\nIf no other deploy runs, run on the host: ' +
      `rm ${directory()}/.plimsoll.fence/${epoch}\nThen deploy again.`,
  });

  test('no step of a deploy changes the host after its rollback has begun', async () => {
    await deploy(next, 20);
    expect(await back(old, 21)).toMatchObject({ sha: old, runningSha: old, healthy: true });
    const effects = fixture.effects();
    const { vps } = fixture;
    const woken = step(next, 20);
    expect(await failureOf(run(vps.switchRelease, woken))).toEqual(tooLate(21));
    expect(await failureOf(run(vps.restartService, { ...woken, before: null }))).toEqual(
      tooLate(21),
    );
    expect(await failureOf(run(vps.stageRelease, woken))).toEqual(tooLate(21));
    expect([await live(), fixture.effects(), epochs()]).toEqual([old, effects, ['21']]);
  });

  test('a rollback that finds the right release live raises the epoch as well', async () => {
    await run(fixture.vps.stageRelease, step(later, 30));
    const effects = fixture.effects();
    expect(await back(old, 31)).toMatchObject({ sha: old, healthy: true });
    expect(await failureOf(run(fixture.vps.switchRelease, step(later, 30)))).toEqual(tooLate(31));
    expect([await live(), fixture.effects()]).toEqual([old, effects]);
  });

  test('a late rollback does not undo a newer deploy', async () => {
    await deploy(next, 40);
    expect(await failureOf(back(old, 31))).toEqual(tooLate(40));
    const prune = { ...step(old, 31), keep: [] };
    expect(await failureOf(run(fixture.vps.pruneReleases, prune))).toEqual(tooLate(40));
    expect(await live()).toBe(next);
    expect(await back(old, 41)).toMatchObject({ sha: old, healthy: true });
  });

  test('a rollback waits for a step that passed the fence, and only for such a step', async () => {
    const lock = join(directory(), '.plimsoll.lock');
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec sleep 30'], {
      detached: true,
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const failure = await failureOf(back(old, 51));
    process.kill(-(holder.pid as number), 'SIGKILL');
    expect(failure).toEqual({
      type: 'Unavailable',
      final: false,
      message:
        'shop-1: another deploy is running on this host and holds the lock. Plimsoll tries again.',
    });
    expect(epochs()).toEqual(['51']);
    expect(await back(old, 51)).toMatchObject({ sha: old, healthy: true });
  });

  test('a switch that waits between its checks is stopped by the rollback', async () => {
    const [host] = fixture.handles;
    const target = { ...fixture.step(next).target, directory: directory() };
    await run(fixture.vps.stageRelease, step(next, 60));
    const command = commands.switch(target, { sha: next, epoch: 60 });
    const [waits, go] = [join(fixture.root, 'waits'), join(fixture.root, 'go')];
    const pause = `touch ${waits}; while [ ! -e ${go} ]; do sleep 0.05; done\n`;
    const script = command.script.replace('note\nin_turn\nflip', `${pause}note\nin_turn\nflip`);
    expect(script).toContain(pause);
    const identity = { identity: host?.clientKeyPath ?? null };
    const { args, timeoutMs } = command;
    const switching = withSsh(hostOf(host!), identity, { signal: undefined }, (remote) =>
      remote.run(script, args, { step: 'switch', timeoutMs }),
    );
    await expect.poll(() => existsSync(waits)).toBe(true);
    await failureOf(back(old, 61));
    writeFileSync(go, '');
    expect((await switching).code).toBe(99);
    expect(await live()).toBe(old);
    expect(await back(old, 61)).toMatchObject({ sha: old, healthy: true });
  });

  test('a fence that cannot be written stops a deploy, and no rollback', async () => {
    const fences = join(directory(), '.plimsoll.fence');
    execFileSync('rm', ['-r', fences]);
    writeFileSync(fences, '');
    await expect(run(fixture.vps.stageRelease, step(next, 70))).rejects.toThrow('"stage" failed');
    expect(await back(old, 71)).toMatchObject({ sha: old, healthy: true });
    execFileSync('rm', [fences]);
  });
});
