import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { composed, samples } from '../../../../sandbox/samples/samples.ts';
import { failureOf, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const staging = (vpsFixture: VpsFixture, sha: string, change: Partial<VpsTarget> = {}) =>
  failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(sha, 0, change)));

describe('a container that would run the old code', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    const target = { run: 'docker' } as const;
    vpsFixture = await startVpsFixture({
      trees: [samples.good(1)],
      host: { runs: 'docker' },
      target,
    });
  });
  afterAll(() => vpsFixture.stop());

  test('is refused before anything is staged', async () => {
    const [sha = ''] = vpsFixture.shas;
    const absent = await staging(vpsFixture, sha, { service: 'nobody' });
    expect(absent.message).toMatch(/^shop-1 has no container nobody\./);
    const step = vpsFixture.step(sha);
    const directory = join(vpsFixture.root, 'elsewhere');
    const elsewhere = { ...step, host: { ...step.host, directory } };
    const mounted = await failureOf(run(vpsFixture.vps.stageRelease, elsewhere));
    expect(mounted.message).toContain(
      `does not mount ${directory}/current (it mounts ${step.host.directory}/current)`,
    );
    expect(existsSync(join(directory, 'releases'))).toBe(false);
    expect(vpsFixture.effects()).toEqual([]);
  });
});

describe('a container that mounts more than the releases', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [samples.good(1)],
      host: { runs: 'docker-in-place' },
      target: { run: 'docker' },
    });
  });
  afterAll(() => vpsFixture.stop());

  test.each(['', 'shop'])('sees every release below %j', async (below) => {
    const step = vpsFixture.step(vpsFixture.shas[0]!);
    const directory = join(step.host.directory!, below);
    const there = { ...step, host: { ...step.host, directory } };
    expect(await run(vpsFixture.vps.stageRelease, there)).toEqual({ staged: 'done' });
  });
});

describe('an image', () => {
  let vpsFixture: VpsFixture;
  const compose = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' };
  beforeAll(async () => {
    const target = { run: 'compose', service: 'web', compose } as const;
    const trees = [
      composed(samples.good(1)),
      composed(samples.good(2), 'echo out of disk; exit 3'),
    ];
    vpsFixture = await startVpsFixture({ trees, host: { runs: 'compose' }, target });
  });
  afterAll(() => vpsFixture.stop());

  test('that the commit does not tag is refused', async () => {
    const [sha = ''] = vpsFixture.shas;
    const failure = await staging(vpsFixture, sha, { compose: { ...compose, tag: 'VERSION' } });
    expect(failure.message).toContain('(acme/shop:) is not tagged with VERSION');
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
  });

  test('that cannot be built leaves what is live alone', async () => {
    const [good = '', bad = ''] = vpsFixture.shas;
    await deployRelease(vpsFixture, good);
    const from = vpsFixture.effects().length;
    const failure = await staging(vpsFixture, bad);
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toContain('ERROR: failed to solve');
    expect(vpsFixture.effects().slice(from)).toEqual([]);
    const [state] = await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target });
    expect(state).toMatchObject({ sha: good, runningSha: good, healthy: true, ready: [good] });
  });
});
