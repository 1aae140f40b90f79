import { afterEach, describe, expect, test } from 'vitest';
import type { Push } from '../../../../sandbox/git-host/git-host.ts';
import { unbuildable } from '../../../../sandbox/platforms/northflank/samples.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { gitFixture } from '../../git-host/git-host-fixture.ts';
import { gateway, northflankFixture, officialClient, repository } from './northflank-fixture.ts';
import type { NorthflankFixture } from './northflank-fixture.ts';
import { hintListener } from './northflank-listener.ts';

let fixture: NorthflankFixture;
const open = async (options: Parameters<typeof northflankFixture>[0] = {}) => {
  fixture = await northflankFixture(options);
  return fixture;
};
afterEach(() => fixture.close());

describe('CI', () => {
  test('builds a push step by step, and the hints tell its start and its end', async () => {
    const { hints, close } = await hintListener();
    const { push, shas, truth } = await open({ hints: { url: hints.url } });
    push(shas[1]!);
    await fixture.built(1);
    expect(truth().builds[0]?.states).toEqual([
      'QUEUED',
      'PENDING',
      'STARTING',
      'CLONING',
      'BUILDING',
      'UPLOADING',
      'SUCCESS',
    ]);
    await expect
      .poll(() => hints.events())
      .toEqual(['trigger:build:start', 'trigger:build:success']);
    expect(hints.all()[1]!.data).toMatchObject({ sha: shas[1], status: 'SUCCESS' });
    await close();
  });

  test('does nothing where it is disabled, for another branch or another repository', async () => {
    const { push, northflank, shas } = await open({ service: { disabledCI: true } });
    push(shas[1]!);
    northflank.set('gateway', { disabledCI: false });
    northflank.onPush(repository, 'feature', shas[1]!);
    northflank.onPush('acme/other', 'main', shas[1]!);
    expect(fixture.statuses()).toEqual([]);
    push(shas[1]!);
    expect(fixture.statuses()).toHaveLength(1);
  });

  test('ends in a failure whose log says why', async () => {
    const trees = [unbuildable(samples.good(1), ['npm error code E404', 'npm error 404 left-pad'])];
    const { push, shas } = await open({ trees });
    push(shas[0]!);
    await expect.poll(() => fixture.statuses()).toEqual(['FAILURE']);
    const { body } = await fixture.api('/build-logs?queryType=range&lineLimit=2');
    const log = body.data.map((line: { log: string }) => line.log);
    expect(log).toEqual(['npm error 404 left-pad', 'npm error code E404']);
    const [build] = (await fixture.api('/build')).body.data.builds;
    expect(build).toMatchObject({ concluded: true, success: false, status: 'FAILURE' });
    expect(await fixture.pin(build.id)).toMatchObject({ status: 400 });
  });

  test.each(['CRASHED', 'FAILURE', 'SUBMISSION_FAILURE'] as const)(
    'can end with %s',
    async (end) => {
      const { push, shas, northflank } = await open();
      northflank.set('gateway', { nextBuild: end });
      push(shas[0]!);
      await expect.poll(() => fixture.statuses()).toEqual([end]);
      push(shas[0]!);
      await expect.poll(() => fixture.statuses()).toEqual([end, 'SUCCESS']);
    },
  );

  test('fails on a commit that the repository does not have', async () => {
    const { push } = await open();
    push('e'.repeat(40));
    await expect.poll(() => fixture.statuses()).toEqual(['FAILURE']);
  });

  test('starts one more build at every request, of the same commit too', async () => {
    const { shas, effects } = await open();
    await fixture.post('/build', { sha: shas[0] });
    await fixture.post('/build', { sha: shas[0] });
    await fixture.built(2);
    expect(fixture.truth().builds.map(({ sha }) => sha)).toEqual([shas[0], shas[0]]);
    expect(effects()).toEqual(['startBuild', 'startBuild']);
  });

  test('is notified of a real push to the git host', async () => {
    const heard: Push[] = [];
    const git = await gitFixture({ onPush: (push) => void heard.push(push) });
    fixture = await northflankFixture({
      repositories: git.host.repositories,
      service: { repository: 'acme/shop' },
    });
    await git.push();
    for (const { repository: name, ref, to } of heard)
      fixture.northflank.onPush(name, ref.replace('refs/heads/', ''), to);
    await fixture.built(1);
    expect(fixture.truth().builds[0]?.sha).toBe(git.second);
    await git.close();
  });
});

describe('CD', () => {
  test('deploys every new build by itself, until one is pinned', async () => {
    const { push, shas, served } = await open({ service: { disabledCD: false } });
    push(shas[0]!);
    await expect.poll(() => served()).toBe(shas[0]);
    const old = fixture.newest();
    expect((await fixture.api()).body.data.deployment.internal.buildSHA).toBe('latest');
    await fixture.pin(old);
    push(shas[1]!);
    await fixture.built(2);
    await expect.poll(() => fixture.truth().status).toBe('COMPLETED');
    expect([await served(), fixture.truth().pinned]).toEqual([shas[0], true]);
    await fixture.post('/deployment', { internal: { branch: 'main', buildSHA: 'latest' } });
    await expect.poll(() => served()).toBe(shas[1]);
    expect((await fixture.api('/deployment')).body.data.internal.buildSHA).toBe('latest');
  });

  test('deploys nothing where it is disabled', async () => {
    const { push, shas, served, northflank } = await open();
    await northflank.seed('gateway', shas[0]!);
    northflank.follow('gateway');
    push(shas[1]!);
    await fixture.built(2);
    expect(await served()).toBe(shas[0]);
  });
});

describe('a service of the wrong kind', () => {
  test('that only builds has no deployment, and needs a branch to build', async () => {
    const { shas, northflank } = await open({ service: { kind: 'build' } });
    expect((await fixture.api()).body.data).toMatchObject({ serviceType: 'build', ports: [] });
    expect((await fixture.api()).body.data.deployment).toBeUndefined();
    for (const path of ['/deployment', '/ports', '/health-checks', '/containers', '/logs'])
      expect((await fixture.api(path)).status).toBe(404);
    expect((await fixture.post('/build', { sha: shas[0] })).status).toBe(400);
    expect((await fixture.post('/build', { sha: shas[0], branch: 'main' })).status).toBe(200);
    expect(northflank.truth()).toHaveLength(1);
  });

  test('that only deploys takes its builds from another one', async () => {
    const runtime = { id: 'runtime', project: 'openclaw', repository, buildsFrom: 'gateway' };
    const services = [{ ...runtime, disabledCD: true }];
    const { push, shas, served, northflank } = await open({ service: { kind: 'build' }, services });
    push(shas[0]!);
    await fixture.built(1);
    const client = await officialClient(northflank.address);
    const parameters = { ...gateway, serviceId: 'runtime' };
    await expect(client.get.service.builds({ parameters })).rejects.toMatchObject({ status: 404 });
    const data = { internal: { id: 'gateway', buildId: fixture.newest() } };
    await client.update.service.deployment({ parameters, data });
    await expect.poll(() => served('runtime')).toBe(shas[0]);
  });
});

test('hints may come twice and out of order', async () => {
  const { hints, close } = await hintListener();
  const { push, shas } = await open({ hints: { url: hints.url, disorder: true } });
  push(shas[0]!);
  await expect
    .poll(() => hints.events().toSorted())
    .toEqual([
      'trigger:build:start',
      'trigger:build:start',
      'trigger:build:success',
      'trigger:build:success',
    ]);
  await close();
});
