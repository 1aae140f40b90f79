import { afterEach, describe, expect, test } from 'vitest';
import { unbuildable } from '../../../../sandbox/platforms/northflank/samples.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import {
  northflankFixture,
  repository,
} from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import type { NorthflankFixture } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import { clientAt, failureOf } from './fixture.ts';

let fixture: NorthflankFixture;
const open = async (options: Parameters<typeof northflankFixture>[0] = {}) => {
  fixture = await northflankFixture(options);
  return { ...fixture, client: clientAt(fixture.northflank.address) };
};
afterEach(() => fixture.close());

describe('Northflank as the client reads it', () => {
  test('is a service with its switches, its release and its ports', async () => {
    const { client, northflank, shas } = await open();
    const buildId = await northflank.seed('gateway', shas[0]!);
    const service = await client.service();
    expect(service).toEqual({
      id: 'gateway',
      kind: 'combined',
      paused: false,
      disabledCI: false,
      disabledCD: true,
      repository: `https://github.com/${repository}`,
      branch: 'main',
      build: 'SUCCESS',
      rollout: { status: 'COMPLETED', reason: 'DEPLOYING', lastTransitionTime: expect.any(Number) },
      deployment: {
        ...{ from: 'gateway', branch: 'main', buildId: null },
        ...{ buildSha: shas[0], deployedSha: shas[0] },
      },
      deployedSha: shas[0],
      instances: 1,
      strategy: 'rollout-steady',
      usesLfs: false,
      gradualStrategy: null,
      healthChecks: null,
      variables: null,
      ports: [
        {
          name: 'p01',
          port: 18789,
          protocol: 'HTTP',
          public: true,
          hosts: ['p01--gateway--openclaw.code.run'],
        },
      ],
    });
    expect(await client.deployment()).toEqual({
      from: 'gateway',
      branch: 'main',
      buildId,
      buildSha: shas[0],
      deployedSha: shas[0],
    });
    expect(await client.healthChecks()).toEqual([
      { protocol: 'HTTP', type: 'readinessProbe', path: '/healthz', port: 18789 },
    ]);
  });

  test('has containers with their age, a log, and names of variables without a value', async () => {
    const { client, northflank, shas } = await open();
    const from = Date.now() - 1000;
    const buildId = await northflank.seed('gateway', shas[0]!);
    const build = await client.build(buildId);
    const [container, ...others] = await client.containers();
    expect([container?.status, others]).toEqual(['TASK_RUNNING', []]);
    expect(container!.createdAt).toBeGreaterThan(1_600_000_000_000);
    expect(container!.createdAt + 1000).toBeGreaterThan(build.createdAt!);
    await fetch(`${northflank.url('gateway')}/pay`);
    const range = { from, to: Date.now() + 60_000 };
    await expect
      .poll(async () => (await client.logs(range)).map(({ text }) => text.replace(/\d+$/, '…')))
      .toEqual(expect.arrayContaining(['good 1 listens on …', 'GET /pay …']));
    const [first] = await client.logs({ ...range, text: 'listens' });
    expect(first).toMatchObject({ container: container?.name, at: expect.any(Number) });
    expect(await client.logs({ from: 0, to: from })).toEqual([]);
    const names = await client.variableNames();
    expect(names).toEqual(['GATEWAY_TOKEN', 'LOG_LEVEL']);
    expect(JSON.stringify(names)).not.toContain('sk_live');
  });

  test('that was never deployed has no rollout and no build', async () => {
    const { client } = await open();
    const none = { rollout: null, build: null, deployment: { buildSha: 'latest' } };
    expect(await client.service()).toMatchObject({ ...none, deployedSha: null });
    expect(await client.deployment()).toMatchObject({ buildId: null, deployedSha: null });
    expect(await client.builds()).toEqual({ builds: [], complete: true });
    expect(await client.containers()).toEqual([]);
  });

  test('may be of another kind, without a probe, declaring another port', async () => {
    const { client, northflank } = await open({
      service: { kind: 'build', probe: null, port: 8000 },
    });
    expect(await client.service()).toMatchObject({ kind: 'build', ports: [], strategy: null });
    northflank.set('gateway', { kind: 'combined', strategy: 'recreate' });
    expect(await client.service()).toMatchObject({ kind: 'combined', strategy: 'recreate' });
    expect((await client.service()).ports.map(({ port }) => port)).toEqual([8000]);
    expect(await client.healthChecks()).toEqual([]);
  });
});

describe('a build', () => {
  test('is started, followed to its end, pinned and served', async () => {
    const { client, shas, served, effects } = await open();
    const [, sha = ''] = shas;
    const started = await client.startBuild({ sha });
    expect(started).toMatchObject({ sha, status: 'QUEUED', concluded: false, success: false });
    await expect.poll(async () => (await client.build(started.id)).concluded).toBe(true);
    const built = { status: 'SUCCESS', success: true, why: 'Image successfully built' };
    expect(await client.build(started.id)).toMatchObject(built);
    await client.pin({ from: 'gateway', buildId: started.id, service: await client.service() });
    await expect.poll(() => served()).toBe(sha);
    expect(await client.deployment()).toMatchObject({ buildId: started.id, buildSha: sha });
    expect(effects()).toEqual(['startBuild', 'deploy']);
  });

  test('of which there are many is found on a later page; a bounded look says it is not all', async () => {
    const { client, northflank, shas } = await open({ service: { stepMs: 60_000 } });
    for (let at = 0; at < 230; at += 1) fixture.push(shas[at % 2]!);
    const { builds, complete } = await client.builds();
    expect([builds.length, complete, new Set(builds.map(({ id }) => id)).size]).toEqual([
      230,
      true,
      230,
    ]);
    expect(builds[0]!.createdAt).toBeGreaterThanOrEqual(builds.at(-1)!.createdAt!);
    expect(await client.builds(1)).toMatchObject({ complete: false });
    expect(northflank.truth()).toHaveLength(1);
  });

  test('that fails has its last 20 lines, without what looks like a secret', async () => {
    const noise = Array.from({ length: 30 }, (_, at) => `step ${at}`);
    const secret = 'NPM_TOKEN=npm_abcdefghijklmnop';
    const trees = [unbuildable(samples.good(1), [...noise, secret, 'npm error code E401'])];
    const { client, push, shas, truth } = await open({ trees });
    push(shas[0]!);
    await expect.poll(() => truth().builds[0]?.status).toBe('FAILURE');
    const [build] = (await client.builds()).builds;
    expect(build).toMatchObject({ concluded: true, success: false, status: 'FAILURE' });
    const log = await client.buildLog(build!);
    expect(log).toHaveLength(20);
    expect(log.slice(-3)).toEqual(['step 29', 'NPM_TOKEN=…', 'npm error code E401']);
  });

  test('is aborted once; a second time Northflank refuses', async () => {
    const { client, northflank, shas, effects } = await open();
    northflank.set('gateway', { nextBuild: 'UNSCHEDULABLE' });
    const { id } = await client.startBuild({ sha: shas[0]! });
    await client.abortBuild(id);
    expect(await client.build(id)).toMatchObject({ status: 'ABORTED', concluded: true });
    expect(await failureOf(client.abortBuild(id))).toMatchObject({
      type: 'RejectedByPlatform',
      message:
        `Northflank refused the request for aborting build ${id} of openclaw/gateway (409): ` +
        'The build has already concluded.\nCorrect the service in Northflank, then deploy again.',
    });
    expect(effects()).toEqual(['startBuild', 'abortBuild']);
  });

  test('of a team is asked for below the team, with encoded names', async () => {
    const team = 'acme';
    const { northflank, shas } = await open({ service: { team, id: 'gate way' } });
    const place = { team, project: 'openclaw', service: 'gate way' };
    const client = clientAt(northflank.address, { place });
    expect(await client.startBuild({ sha: shas[0]! })).toMatchObject({ sha: shas[0] });
    const without = { project: 'openclaw', service: 'gate way' };
    const stranger = clientAt(northflank.address, { place: without });
    expect(await failureOf(stranger.service())).toMatchObject({ type: 'Misconfigured' });
  });
});
