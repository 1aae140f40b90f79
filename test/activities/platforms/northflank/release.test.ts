import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { onPort } from '../../../../sandbox/platforms/northflank/samples.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { northflankPlace, run, failureText } from './place.ts';
import type { NorthflankPlace } from './place.ts';

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
  await run(place.do.rollBackDeployment, place.back());
});

const sha = (at: number) => place.shas[at]!;
const build = (at: number) => builds[at]!;
const shipped = (at: number) => place.deployRelease(sha(at), build(at));
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

  test('whose start-up log has errors is live, and a person is notified', async () => {
    expect((await shipped(5)).errors).toEqual(['ERROR cache is cold']);
    expect(serves()).toBe(sha(5));
  });

  test('whose start-up log shows the end of a process is to blame, though it answers', async () => {
    expect(await failureText(shipped(6))).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      lines: [
        `northflank gateway: release ${sha(6).slice(0, 7)} (build ${build(6)}) answers, but its start-up log shows that a process ended:`,
        'Traceback (most recent call last):',
        'See more: "Logs" of openclaw/gateway at Northflank',
      ],
    });
  });

  test('that dies at its start is reported with its last lines; the previous one never stopped', async () => {
    const { lines = [], ...failure } = (await failureText(shipped(2))) as { lines?: string[] };
    expect(failure).toEqual({ type: 'UnhealthyRelease', final: true });
    expect(lines.slice(0, 2)).toEqual([
      `northflank gateway: release ${sha(2).slice(0, 7)} (build ${build(2)}) is not healthy (time limit: 5 s):`,
      '- the rollout is FAILED',
    ]);
    // On a slow machine the failed container may not have ended yet at this time.
    expect(lines[2]).toMatch(/^- 1 of [12] running containers run another build$/);
    expect(lines).toContain(`- from outside, /version names ${sha(0).slice(0, 7)}`);
    expect(lines).toContain('<3>error: DATABASE_URL is not set');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(serves()).toBe(sha(0));
  });

  test('that listens on 8000 is reported: the classic mistake', async () => {
    const { lines = [] } = (await failureText(shipped(4))) as { lines?: string[] };
    expect(lines).toContain(
      '- port mismatch: it listens on 8000, but traffic goes to port 18789. Let it listen on $PORT ' +
        'or on port 18789 (8000 instead of 18789 is a common mistake)',
    );
    expect(lines).toContain('good 3 listens on 8000');
  });

  test('that never answers healthy takes no traffic', async () => {
    expect(await failureText(shipped(3))).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(serves()).toBe(sha(0));
  });

  test('whose log may not be read any more is still to blame, and the text says why it has no log', async () => {
    const on = { ...place.step(sha(2)), buildId: build(2) };
    const { containers: others } = await run(place.do.checkUnmoved, on);
    await run(place.do.deployBuild, on);
    place.northflank.rule({ role: allPermissions('0.9').filter((one) => !one.endsWith('Logs')) });
    const told = await failureText(run(place.do.verifyDeployment, { ...on, others }));
    place.northflank.rule({ role: allPermissions('0.9') });
    expect(told).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect((told as { lines: string[] }).lines.slice(-3)).toEqual([
      'The log could not be read: Northflank refused the request for the log of openclaw/gateway, because the token in NORTHFLANK_TOKEN has no permission (401).',
      'Give the token\'s role the permission "Project > Services > Deployment > View Instance Logs" ' +
        '(newer roles call it "Project > Services > Deployment > View Observability") for project openclaw. ' +
        'Northflank names "ps_services_deployment_view-observability".',
      'See more: "Logs" of openclaw/gateway at Northflank',
    ]);
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
      await failureText(run(place.do.deployBuild, { ...place.step(sha(1)), buildId: build(1) })),
    ).toEqual({
      type: 'Unavailable',
      final: false,
      lines: [
        `Northflank accepted the order to deploy build ${build(1)}, but still deploys another build.`,
      ],
    });
    expect(place.effects()).toEqual([]);
  });
});

describe('the rollback', () => {
  test('F4: rolls back an unfinished rollout, and reads again what is served', async () => {
    await run(place.do.deployBuild, { ...place.step(sha(3)), buildId: build(3) });
    expect(place.truth().status).not.toBe('COMPLETED');
    const state = await run(place.do.rollBackDeployment, place.back());
    expect(state).toMatchObject({ sha: sha(0), id: place.live, healthy: true });
    expect(serves()).toBe(sha(0));
  });

  test('F5, F9: without a deploy the rollback changes nothing', async () => {
    const { pids } = place.truth();
    await run(place.do.rollBackDeployment, place.back());
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
    expect(await run(place.do.rollBackDeployment, place.back())).toMatchObject({ id: place.live });
    expect(place.truth()).toMatchObject({ target: place.live, serves: sha(0) });
  });

  test('F10, F11: is pinned, so a push that follows goes nowhere by itself', async () => {
    await shipped(1);
    await run(place.do.rollBackDeployment, place.back());
    place.push(sha(1));
    await place.built(place.truth().builds.length);
    expect(place.truth()).toMatchObject({ target: place.live, pinned: true, serves: sha(0) });
  });

  test('is done again where the rollout of the previous release failed', async () => {
    await shipped(1);
    place.northflank.set('gateway', { probe: { path: '/nothing', port: 18789 } });
    expect(await failureText(run(place.do.rollBackDeployment, place.back()))).toMatchObject({
      type: 'UnhealthyRelease',
    });
    place.northflank.set('gateway', { probe: { path: '/healthz', port: 18789 } });
    await run(place.do.rollBackDeployment, place.back());
    expect(place.effects().filter((one) => one === 'deploy')).toHaveLength(3);
    expect(serves()).toBe(sha(0));
  });

  test('without a recorded build leads to the newest successful one of the commit', async () => {
    await shipped(1);
    const { id } = await run(place.do.rollBackDeployment, place.back(undefined as never));
    expect(place.truth().builds.find((one) => one.id === id)?.sha).toBe(sha(0));
  });

  test('that has no build any more says what to do', async () => {
    const gone = '0'.repeat(40);
    const step = place.step(gone, { release: { id: 'gone-0', sha: gone } });
    expect(await failureText(run(place.do.rollBackDeployment, step))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      lines: [
        'northflank gateway has no successful build of 0000000 any more.',
        'Build that commit at Northflank, then retry this step.',
      ],
    });
  });
});
