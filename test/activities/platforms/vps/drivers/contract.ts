import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VpsTarget } from '../../../../../domain/platforms/vps/target.ts';
import { composed, samples } from '../../../../../sandbox/samples/samples.ts';
import type { VpsHostOptions } from '../../../../../sandbox/platforms/vps/start-vps-host.ts';
import { hostTruth } from '../../../../../sandbox/platforms/vps/truth.ts';
import { checkOut, failureOf, run, deployRelease, startVpsFixture } from '../fixture.ts';
import type { VpsFixture } from '../fixture.ts';

export type Driver = {
  name: string;
  runs: VpsHostOptions['runs'];
  target: Partial<VpsTarget>;
};

const compose = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' };
export const composeTarget = { run: 'compose', service: 'web', compose } as const;

/**
 * The tests for one way of running a service. Each way has its own test file, so that the files can
 * run in parallel.
 */
export const drives = ({ name, runs, target }: Driver) =>
  describe(`a VPS driven by ${name}`, () => {
    let vpsFixture: VpsFixture;
    let first = '';
    let second = '';
    let third = '';
    let fourth = '';
    let crash = '';
    const isInPlace = name.endsWith('in place');

    beforeAll(async () => {
      const trees = [1, 2, 3, 4, 5].map((n) => composed(samples.good(n)));
      vpsFixture = await startVpsFixture({
        trees: [...trees, composed(samples.crashesAtStart())],
        target,
        host: { ...(runs ? { runs } : {}), service: service() },
      });
      const [seed = '', ...rest] = vpsFixture.shas;
      [first = '', second = '', third = '', fourth = '', crash = ''] = rest;
      if (isInPlace) await checkOut(vpsFixture, handle().directory, seed);
    });
    afterAll(() => vpsFixture.stop());

    /**
     * The service on the host. For a checkout in place, its WorkingDirectory is the checkout.
     */
    const service = () => ({ unit: 'shop', ...(isInPlace ? { directoryItself: true } : {}) });

    const handle = () => vpsFixture.handles[0] as VpsFixture['handles'][number];
    const served = async () => (await hostTruth(handle())).served?.sha;
    const rolledBack = (sha: string) =>
      run(vpsFixture.vps.rollBackHost, { ...vpsFixture.step(sha), startUpMs: 10_000 });
    const effects = (from: number, sha: string) =>
      vpsFixture
        .effects()
        .slice(from)
        .filter((line) => line.endsWith(sha))
        .map((line) => line.split(' ')[0]);

    test('the first and the second release go live, each effect once', async () => {
      const state = await deployRelease(vpsFixture, first);
      expect(state).toMatchObject({ sha: first, runningSha: first, active: true, healthy: true });
      await deployRelease(vpsFixture, second);
      expect(await served()).toBe(second);
      expect(effects(0, first)).toEqual(['stage', 'switch', 'restart']);
      expect(effects(0, second)).toEqual(['stage', 'switch', 'restart']);
    });

    test('every step that runs again finds its effect and adopts it', async () => {
      const { vps, step } = vpsFixture;
      const from = vpsFixture.effects().length;
      expect(await run(vps.stageRelease, step(third))).toMatchObject({ staged: 'done' });
      expect(await run(vps.stageRelease, step(third))).toMatchObject({ staged: 'already' });
      const flipped = await run(vps.switchRelease, step(third));
      expect(flipped.switched).toBe('done');
      const [between] = await run(vps.inspectHosts, { target: vpsFixture.target });
      expect(between).toMatchObject({ sha: third, runningSha: second });
      expect(await run(vps.switchRelease, step(third))).toEqual({
        ...flipped,
        switched: 'already',
      });
      const input = { ...step(third), before: flipped.before };
      const once = await run(vps.restartService, input);
      expect(once.restarted).toBe('done');
      expect(await run(vps.restartService, input)).toEqual({ ...once, restarted: 'already' });
      expect(effects(from, third)).toEqual(['stage', 'switch', 'restart']);
      await run(vps.verifyHost, { ...step(third), startUpMs: 10_000 });
      expect(await served()).toBe(third);
    });

    test.each(['stage', 'switch', 'restart'])(
      'a connection lost after "%s" is unknown, and the retry adopts what happened',
      async (lost) => {
        const { vps, step, board } = vpsFixture;
        const from = vpsFixture.effects().length;
        const sha = lost === 'stage' ? fourth : lost === 'switch' ? third : fourth;
        const failures: unknown[] = [];
        const twice = async <T>(verb: string, act: () => Promise<T>) => {
          if (verb === lost) {
            board.arm({ service: 'vps', match: lost, kind: 'drop-after', times: 1 });
            failures.push((await failureOf(act())).type);
          }
          return act();
        };
        await twice('stage', () => run(vps.stageRelease, step(sha)));
        const { before } = await twice('switch', () => run(vps.switchRelease, step(sha)));
        await twice('restart', () => run(vps.restartService, { ...step(sha), before }));
        const state = await run(vps.verifyHost, { ...step(sha), startUpMs: 10_000 });
        expect(state).toMatchObject({ sha, runningSha: sha, healthy: true });
        expect(failures).toEqual(['UnknownOutcome']);
        expect(effects(from, sha).filter((verb) => verb === 'restart')).toHaveLength(1);
      },
    );

    test('a rollback is proven, and a second one does nothing', async () => {
      const from = vpsFixture.effects().length;
      const state = await rolledBack(second);
      expect(state).toMatchObject({ sha: second, runningSha: second, healthy: true });
      expect(await rolledBack(second)).toEqual(state);
      expect(effects(from, second)).toEqual(['switch', 'restart']);
      expect(await served()).toBe(second);
    });

    test('a release that crashes at its start is named, and the rollback works', async () => {
      // Docker restarts the container again and again. Only the time limit of the start ends these
      // restarts.
      const failure = await failureOf(deployRelease(vpsFixture, crash, { startUpMs: 3000 }));
      expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
      expect(failure.message).toContain('error: DATABASE_URL is not set');
      expect(await rolledBack(second)).toMatchObject({ runningSha: second, healthy: true });
      expect(await served()).toBe(second);
    });

    test('the rollback target is listed, and the live release is never pruned', async () => {
      const input = { ...vpsFixture.step(second), keep: [first] };
      await run(vpsFixture.vps.pruneReleases, input);
      const [state] = await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target });
      expect(state?.ready).toEqual(expect.arrayContaining([first, second]));
      expect(await rolledBack(first)).toMatchObject({ runningSha: first, healthy: true });
    });

    test('a planted command runs nowhere', async () => {
      const planted = `$(touch ${vpsFixture.root}/planted)`;
      const changes: Partial<VpsTarget>[] = [
        { service: planted },
        { repository: planted },
        { compose: { ...compose, file: planted } },
        { compose: { ...compose, project: planted } },
        { compose: { ...compose, tag: planted } },
      ];
      const tries = changes.map((change) =>
        failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(first, 0, change))),
      );
      const types = (await Promise.all(tries)).map(({ type }) => type);
      expect(types).toEqual(changes.map(() => 'Refused'));
      expect(existsSync(`${vpsFixture.root}/planted`)).toBe(false);
    });
  });
