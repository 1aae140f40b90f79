import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../../sandbox/board.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { failureOf, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

describe('a VPS whose connection or command fails', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: Array.from({ length: 12 }, (_, n) => samples.good(n)),
    });
    await deployRelease(vpsFixture, vpsFixture.shas[0] as string);
  });
  afterEach(() => vpsFixture.board.clear());
  afterAll(() => vpsFixture.stop());

  const arm = (match: string, kind: FaultKind) =>
    vpsFixture.board.arm({ service: 'vps', match, kind, times: 1 });
  const directory = () => vpsFixture.handles[0]?.directory as string;

  /**
   * Runs stage, switch and restart with the fault `kind` at `match`. Runs a failed step again, as
   * Temporal does.
   */
  async function deployThrough(sha: string, match: string, kind: FaultKind) {
    const { vps, step } = vpsFixture;
    const failures: unknown[] = [];
    const twice = async <T>(act: () => Promise<T>) => {
      try {
        return await act();
      } catch (cause) {
        failures.push((cause as { type: string }).type);
        return act();
      }
    };
    const from = vpsFixture.effects().length;
    arm(match, kind);
    const staged = await twice(() => run(vps.stageRelease, step(sha)));
    const flipped = await twice(() => run(vps.switchRelease, step(sha)));
    const input = { ...step(sha), before: flipped.before };
    const restarted = await twice(() => run(vps.restartService, input));
    const state = await run(vps.verifyHost, { ...step(sha), startUpMs: 10_000 });
    expect(state).toMatchObject({ sha, runningSha: sha, healthy: true });
    expect(vpsFixture.effects().slice(from)).toEqual([
      `stage shop-1 ${sha}`,
      `switch shop-1 ${sha}`,
      `restart shop-1 ${sha}`,
    ]);
    const outcomes = [staged.staged, flipped.switched, restarted.restarted];
    return { failures, outcomes };
  }

  test.each([
    ['stage', ['already', 'done', 'done']],
    ['switch', ['done', 'already', 'done']],
    ['restart', ['done', 'done', 'already']],
  ])(
    'a connection lost after "%s" is unknown, and adopted by the retry',
    async (step, outcomes) => {
      const sha = vpsFixture.shas[1 + outcomes.indexOf('already')] as string;
      const result = await deployThrough(sha, step, 'drop-after');
      expect(result).toEqual({ failures: ['UnknownOutcome'], outcomes });
    },
  );

  test.each([
    ['drop-before', 'UnknownOutcome', 'done'],
    ['500-before', 'Unavailable', 'done'],
    ['500-after', 'Unavailable', 'already'],
  ] as const)('"%s" at the restart: %s, then %s', async (kind, type, outcome) => {
    const sha = vpsFixture.shas[4 + ['drop-before', '500-before', '500-after'].indexOf(kind)];
    const result = await deployThrough(sha as string, 'restart', kind);
    expect(result).toEqual({ failures: [type], outcomes: ['done', 'done', outcome] });
  });

  test('the text of a lost connection says what the next attempt does', async () => {
    arm('inspect', 'drop-after');
    const failure = await failureOf(
      run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target }),
    );
    expect(failure.message).toBe(
      'shop-1: the ssh connection was lost in the middle of "inspect"; its effect is unknown. ' +
        'The next attempt checks before it acts.',
    );
  });

  test('a false success of systemctl restart is detected', async () => {
    const sha = vpsFixture.shas[7] as string;
    const { vps, step } = vpsFixture;
    await run(vps.stageRelease, step(sha));
    const { before } = await run(vps.switchRelease, step(sha));
    arm('restart', 'lying-status');
    const failure = await failureOf(run(vps.restartService, { ...step(sha), before }));
    expect(failure).toMatchObject({
      type: 'UnknownOutcome',
      message:
        'shop-1: systemctl restart shop ended with exit code 0, but InvocationID did not change, so the ' +
        'service was not restarted. Check on the host: systemctl status shop',
    });
    expect(await run(vps.restartService, { ...step(sha), before })).toMatchObject({
      restarted: 'done',
    });
  });

  test('a rollback interrupted after its restart does not restart again', async () => {
    const sha = vpsFixture.shas[0] as string;
    const input = { ...vpsFixture.step(sha), startUpMs: 10_000 };
    const from = vpsFixture.effects().length;
    arm('restart', 'drop-after');
    expect(await failureOf(run(vpsFixture.vps.rollBackHost, input))).toMatchObject({
      type: 'UnknownOutcome',
    });
    expect(await run(vpsFixture.vps.rollBackHost, input)).toMatchObject({
      runningSha: sha,
      healthy: true,
    });
    expect(vpsFixture.effects().slice(from)).toEqual([
      `switch shop-1 ${sha}`,
      `restart shop-1 ${sha}`,
    ]);
  });

  test('a half-prepared tree is made anew', async () => {
    const sha = vpsFixture.shas[8] as string;
    const release = join(directory(), 'releases', sha);
    mkdirSync(release);
    writeFileSync(join(release, 'server.mjs'), 'half');
    expect(await failureOf(run(vpsFixture.vps.switchRelease, vpsFixture.step(sha)))).toMatchObject({
      type: 'RejectedByPlatform',
    });
    expect(await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha))).toEqual({
      staged: 'done',
    });
    expect(existsSync(join(release, 'release.json'))).toBe(true);
  });

  test('another deploy that holds the lock is waited for', async () => {
    const lock = join(directory(), '.plimsoll.lock');
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec sleep 30'], {
      detached: true,
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const failure = await failureOf(
      run(vpsFixture.vps.stageRelease, vpsFixture.step(vpsFixture.shas[9] as string)),
    );
    process.kill(-(holder.pid as number), 'SIGKILL');
    expect(failure).toEqual({
      type: 'Unavailable',
      final: false,
      message: `shop-1: another deploy is running on this host and holds the lock ${lock}. Plimsoll tries again.`,
    });
  });

  test('`current` that is a directory is refused with the remedy', async () => {
    const current = join(directory(), 'current');
    rmSync(current);
    mkdirSync(current);
    const failure = await failureOf(
      run(vpsFixture.vps.switchRelease, vpsFixture.step(vpsFixture.shas[0] as string)),
    );
    rmSync(current, { recursive: true });
    symlinkSync(`releases/${vpsFixture.shas[0]}`, current);
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: ${current} is a directory, and Plimsoll needs a symlink of that name. ` +
        `Rename it once: mv ${current} ${current}.before-plimsoll`,
    });
  });
});
