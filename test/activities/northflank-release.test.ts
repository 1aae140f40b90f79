import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { onPort } from '../../sandbox/northflank/samples.ts';
import { samples } from '../../sandbox/samples.ts';
import { northflankPlace, run, told } from './northflank-place.ts';
import type { NorthflankPlace } from './northflank-place.ts';

const noisy = {
  ...samples.good(5),
  Procfile: 'web: node loud.mjs\n',
  'loud.mjs': "console.log('ERROR cache is cold');\nawait import('./server.mjs');\n",
};
const dying = {
  ...samples.good(6),
  Procfile: 'web: node loud.mjs\n',
  'loud.mjs': "console.log('Traceback (most recent call last):');\nawait import('./server.mjs');\n",
};
const trees = [
  samples.good(1),
  samples.good(2),
  samples.crashesAtStart(),
  samples.neverHealthy(),
  onPort(samples.good(3), 8000),
  noisy,
  dying,
];

let place: NorthflankPlace;
let builds: string[];
beforeAll(async () => {
  place = await northflankPlace({ trees, service: { deadlineMs: 1500 } });
  builds = [place.live, ...(await Promise.all(place.shas.slice(1).map((sha) => place.build(sha))))];
});
afterAll(() => place.close());
beforeEach(() => {
  place.board.effects.length = 0;
});
afterEach(async () => {
  place.board.clear();
  await run(place.do.restoreDeployment, place.back());
});

const sha = (at: number) => place.shas[at]!;
const build = (at: number) => builds[at]!;
const shipped = (at: number) => place.ship(sha(at), build(at));
const serves = () => place.truth().serves;

describe('a release', () => {
  test('is live when rollout, containers, log, health and version outside say so', async () => {
    const { state, errors } = await shipped(1);
    expect(state).toMatchObject({
      ...{ host: 'northflank gateway', sha: sha(1), runningSha: sha(1), id: build(1) },
      ...{ active: true, healthy: true },
    });
    expect(errors).toEqual([]);
    expect(serves()).toBe(sha(1));
    expect(place.effects()).toEqual(['deploy']);
  });

  test('whose start-up log speaks of errors is live, and a person hears of it', async () => {
    expect((await shipped(5)).errors).toEqual(['ERROR cache is cold']);
    expect(serves()).toBe(sha(5));
  });

  test('whose start-up log ends a process is to blame, though it answers', async () => {
    expect(await told(shipped(6))).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      lines: [
        `northflank gateway: release ${sha(6).slice(0, 7)} (build ${build(6)}) answers, but its start-up log ends a process:`,
        'Traceback (most recent call last):',
        'See more: "Logs" of openclaw/gateway at Northflank',
      ],
    });
  });

  test('that dies at its start is told with its last lines; the one before never stopped', async () => {
    const { lines = [], ...failure } = (await told(shipped(2))) as { lines?: string[] };
    expect(failure).toEqual({ type: 'UnhealthyRelease', final: true });
    expect(lines.slice(0, 5)).toEqual([
      `northflank gateway: release ${sha(2).slice(0, 7)} (build ${build(2)}) is not healthy (it had 5 s):`,
      '- its rollout is FAILED',
      '- 1 of 1 running containers run something else',
      '- 0 of 1 containers run it',
      `- outside, /version names ${sha(0).slice(0, 7)}`,
    ]);
    expect(lines).toContain('<3>error: DATABASE_URL is not set');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(serves()).toBe(sha(0));
  });

  test('that listens on 8000 is told so: the classic mistake', async () => {
    const { lines = [] } = (await told(shipped(4))) as { lines?: string[] };
    expect(lines).toContain(
      '- port mismatch: it listens on 8000, and traffic goes to port 18789: let it listen on $PORT ' +
        'or on that port (8000 instead of 18789 is the classic mistake)',
    );
    expect(lines).toContain('good 3 listens on 8000');
  });

  test('that never answers healthy takes no traffic', async () => {
    expect(await told(shipped(3))).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(serves()).toBe(sha(0));
  });

  test('is deployed once where the answer to the order was lost', async () => {
    const step = { ...place.step(sha(1)), buildId: build(1) };
    place.arm('drop-after', 'POST');
    await expect(run(place.do.deployBuild, step)).rejects.toMatchObject({ type: 'UnknownOutcome' });
    expect(await run(place.do.deployBuild, step)).toEqual({ deployed: 'already' });
    expect(place.effects()).toEqual(['deploy']);
  });

  test('is not said to be deployed where the order was taken and lost', async () => {
    place.arm('lying-status', 'POST');
    expect(
      await told(run(place.do.deployBuild, { ...place.step(sha(1)), buildId: build(1) })),
    ).toEqual({
      type: 'Unavailable',
      final: false,
      lines: [`Northflank took the order to deploy build ${build(1)} and did not follow it.`],
    });
    expect(place.effects()).toEqual([]);
  });
});

describe('the way back', () => {
  test('F4: takes a rollout in its middle back, and what is served is read again', async () => {
    await run(place.do.deployBuild, { ...place.step(sha(3)), buildId: build(3) });
    expect(place.truth().status).not.toBe('COMPLETED');
    const state = await run(place.do.restoreDeployment, place.back());
    expect(state).toMatchObject({ sha: sha(0), id: place.live, healthy: true });
    expect(serves()).toBe(sha(0));
  });

  test('F5, F9: where nothing was deployed nothing is done', async () => {
    const { pids } = place.truth();
    await run(place.do.restoreDeployment, place.back());
    expect(place.effects()).toEqual([]);
    expect(place.truth()).toMatchObject({ pids, serves: sha(0) });
  });

  test('F8: leads to the recorded build, not to a newer one of the same commit', async () => {
    const again = await run(place.do.adoptBuild, {
      ...place.step(sha(0)),
      ...{ known: [place.live], again: true, pushed: false, branch: 'main' },
    });
    await run(place.do.awaitBuild, { ...place.step(sha(0)), buildId: again.buildId });
    await shipped(1);
    expect(await run(place.do.restoreDeployment, place.back())).toMatchObject({ id: place.live });
    expect(place.truth()).toMatchObject({ target: place.live, serves: sha(0) });
  });

  test('F10, F11: is pinned, so a push that follows goes nowhere by itself', async () => {
    await shipped(1);
    await run(place.do.restoreDeployment, place.back());
    place.push(sha(1));
    await place.built(place.truth().builds.length);
    expect(place.truth()).toMatchObject({ target: place.live, pinned: true, serves: sha(0) });
  });

  test('is done again where the rollout of the release before failed', async () => {
    await shipped(1);
    place.northflank.set('gateway', { probe: { path: '/nothing', port: 18789 } });
    expect(await told(run(place.do.restoreDeployment, place.back()))).toMatchObject({
      type: 'UnhealthyRelease',
    });
    place.northflank.set('gateway', { probe: { path: '/healthz', port: 18789 } });
    await run(place.do.restoreDeployment, place.back());
    expect(place.effects().filter((one) => one === 'deploy')).toHaveLength(3);
    expect(serves()).toBe(sha(0));
  });

  test('without a recorded build leads to the newest successful one of the commit', async () => {
    await shipped(1);
    const { id } = await run(place.do.restoreDeployment, place.back(undefined as never));
    expect(place.truth().builds.find((one) => one.id === id)?.sha).toBe(sha(0));
  });

  test('that has no build any more says what to do', async () => {
    const gone = '0'.repeat(40);
    const step = place.step(gone, { release: { id: 'gone-0', sha: gone } });
    expect(await told(run(place.do.restoreDeployment, step))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      lines: [
        'northflank gateway has no successful build of 0000000 any more.',
        'Build that commit at Northflank, then send retry.',
      ],
    });
  });
});
