import { afterEach, describe, expect, test } from 'vitest';
import { onPort } from '../../../../sandbox/platforms/northflank/samples.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { northflankFixture } from './northflank-fixture.ts';
import type { NorthflankFixture } from './northflank-fixture.ts';
import { hintListener } from './northflank-listener.ts';

let fixture: NorthflankFixture;
const open = async (options: Parameters<typeof northflankFixture>[0] = {}) => {
  fixture = await northflankFixture(options);
  return fixture;
};
afterEach(() => fixture.close());

const pods = async (): Promise<string[]> => {
  const { containers } = (await fixture.api('/containers')).body.data;
  return containers.map(({ status }: { status: string }) => status);
};

describe('a rollout', () => {
  test('goes PENDING, IN_PROGRESS, COMPLETED; the new containers are younger than the build', async () => {
    const { hints, close } = await hintListener();
    const { push, shas, served, northflank } = await open({ hints: { url: hints.url } });
    await northflank.seed('gateway', shas[0]!);
    push(shas[1]!);
    await fixture.built(2);
    const before = hints.rollouts().length;
    await fixture.pin(fixture.newest());
    await expect.poll(() => served()).toBe(shas[1]);
    await expect
      .poll(() => hints.rollouts().slice(before))
      .toEqual(['PENDING', 'IN_PROGRESS', 'COMPLETED']);
    await expect.poll(() => pods()).toEqual(['TASK_KILLED', 'TASK_RUNNING']);
    const [build] = (await fixture.api('/build')).body.data.builds;
    const { containers } = (await fixture.api('/containers')).body.data;
    expect(containers.at(-1).createdAt).toBeGreaterThanOrEqual(build.buildConcludedAt);
    await close();
  });

  const bad = [
    ['never healthy', samples.neverHealthy()],
    ['crashing at start', samples.crashesAtStart()],
    ['listening on 8000', onPort(samples.good(2), 8000)],
    ['listening anywhere', samples.wrongPort()],
  ] as const;

  test.each(bad)('of a release %s FAILS and takes no traffic, with a probe', async (_, tree) => {
    const { push, shas, served, northflank } = await open({ trees: [samples.good(1), tree] });
    const good = await northflank.seed('gateway', shas[0]!);
    northflank.set('gateway', { deadlineMs: 400 });
    push(shas[1]!);
    await fixture.built(2);
    await fixture.pin(fixture.newest());
    await expect.poll(() => fixture.truth().status).toBe('FAILED');
    expect([await served(), fixture.truth().containers]).toEqual([shas[0], 2]);
    expect((await fixture.api()).body.data.deployment.internal.deployedSHA).toBe(shas[1]);
    await fixture.pin(good);
    await expect.poll(() => fixture.truth()).toMatchObject({ status: 'COMPLETED', containers: 1 });
    expect(await served()).toBe(shas[0]);
  });

  test.each(bad)('of a release %s takes the traffic without a probe', async (_, tree) => {
    const trees = [samples.good(1), tree];
    const { push, shas, served, northflank } = await open({ trees, service: { probe: null } });
    await northflank.seed('gateway', shas[0]!);
    push(shas[1]!);
    await fixture.built(2);
    await fixture.pin(fixture.newest());
    await expect.poll(() => fixture.truth().status).toBe('COMPLETED');
    await expect.poll(() => fixture.truth().containers).toBe(1);
    expect(await served()).not.toBe(shas[0]);
    const health = await fetch(`${northflank.url('gateway')}/healthz`);
    expect(health.status).toBe(503);
  });

  test('by recreate leaves nothing of the old release', async () => {
    const trees = [samples.good(1), samples.neverHealthy()];
    const service = { strategy: 'recreate' as const, deadlineMs: 400 };
    const { push, shas, served, northflank } = await open({ trees });
    const good = await northflank.seed('gateway', shas[0]!);
    northflank.set('gateway', service);
    push(shas[1]!);
    await fixture.built(2);
    await fixture.pin(fixture.newest());
    await expect.poll(() => fixture.truth().status).toBe('FAILED');
    expect([await served(), fixture.truth().serves]).toEqual([503, null]);
    northflank.set('gateway', { deadlineMs: 20_000 });
    await fixture.pin(good);
    await expect.poll(() => served()).toBe(shas[0]);
  });

  test('that is overtaken is given up', async () => {
    const { push, shas, served } = await open();
    push(shas[0]!);
    push(shas[1]!);
    await fixture.built(2);
    const [first, second] = fixture.truth().builds;
    await fixture.pin(first!.id);
    await fixture.pin(second!.id);
    await expect.poll(() => fixture.truth().status).toBe('COMPLETED');
    expect([await served(), fixture.truth().serves]).toEqual([shas[1], shas[1]]);
  });

  test('of another port than the declared one is reached by nobody', async () => {
    const { shas, served, northflank } = await open();
    await northflank.seed('gateway', shas[0]!);
    northflank.set('gateway', { port: 8000 });
    expect((await fixture.api('/ports')).body.data.ports[0].internalPort).toBe(8000);
    expect(await served()).toBe(503);
    northflank.set('gateway', { port: 18789 });
    expect(await served()).toBe(shas[0]);
  });

  test('leaves no process behind when the stand-in closes', async () => {
    const { northflank, shas, close } = await open({ service: { instances: 2 } });
    await northflank.seed('gateway', shas[0]!);
    const { pids } = fixture.truth();
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(process.kill(pid, 0)).toBe(true);
    await close();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('keeps a crashing container coming back, and its log tells why', async () => {
    const trees = [samples.crashesAtStart()];
    const { push, shas } = await open({ trees, service: { probe: null } });
    push(shas[0]!);
    await fixture.built(1);
    await fixture.pin(fixture.newest());
    await expect
      .poll(async () => {
        const { body } = await fixture.api('/logs?queryType=range');
        return body.data.map((line: { log: string }) => line.log).slice(0, 2);
      })
      .toEqual(Array(2).fill('<3>error: DATABASE_URL is not set'));
    await expect.poll(() => pods()).toEqual(['TASK_FAILED']);
  });
});
