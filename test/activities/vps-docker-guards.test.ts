import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VpsTarget } from '../../domain/plan.ts';
import { composed, samples } from '../../sandbox/samples.ts';
import { failureOf, run, ship, startVoyage } from './vps-fixture.ts';
import type { Voyage } from './vps-fixture.ts';

const staging = (voyage: Voyage, sha: string, change: Partial<VpsTarget> = {}) =>
  failureOf(run(voyage.vps.stageRelease, voyage.step(sha, 0, change)));

describe('a container that would run the old code', () => {
  let voyage: Voyage;
  beforeAll(async () => {
    const target = { run: 'docker' } as const;
    voyage = await startVoyage({ trees: [samples.good(1)], host: { runs: 'docker' }, target });
  });
  afterAll(() => voyage.stop());

  test('is refused before anything is staged', async () => {
    const [sha = ''] = voyage.shas;
    const absent = await staging(voyage, sha, { service: 'nobody' });
    expect(absent.message).toMatch(/^shop-1 has no container nobody\./);
    const step = voyage.step(sha);
    const directory = join(voyage.root, 'elsewhere');
    const elsewhere = { ...step, host: { ...step.host, directory } };
    const mounted = await failureOf(run(voyage.vps.stageRelease, elsewhere));
    expect(mounted.message).toContain(
      `does not mount ${directory}/current (it mounts ${step.host.directory}/current)`,
    );
    expect(existsSync(join(directory, 'releases'))).toBe(false);
    expect(voyage.effects()).toEqual([]);
  });
});

describe('an image', () => {
  let voyage: Voyage;
  const compose = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' };
  beforeAll(async () => {
    const target = { run: 'compose', service: 'web', compose } as const;
    const trees = [
      composed(samples.good(1)),
      composed(samples.good(2), 'echo out of disk; exit 3'),
    ];
    voyage = await startVoyage({ trees, host: { runs: 'compose' }, target });
  });
  afterAll(() => voyage.stop());

  test('that the commit does not tag is refused', async () => {
    const [sha = ''] = voyage.shas;
    const failure = await staging(voyage, sha, { compose: { ...compose, tag: 'VERSION' } });
    expect(failure.message).toContain('(acme/shop:) is not tagged by VERSION');
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
  });

  test('that cannot be built leaves what is live alone', async () => {
    const [good = '', bad = ''] = voyage.shas;
    await ship(voyage, good);
    const from = voyage.effects().length;
    const failure = await staging(voyage, bad);
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toContain('ERROR: failed to solve');
    expect(voyage.effects().slice(from)).toEqual([]);
    const [state] = await run(voyage.vps.inspectHosts, { target: voyage.target });
    expect(state).toMatchObject({ sha: good, runningSha: good, healthy: true, ready: [good] });
  });
});
