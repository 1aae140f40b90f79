import type { GetServiceBuildResult, GetServiceResult } from '@northflank/js-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { localSite } from '../../../activities/lib/local-site.ts';
import * as contract from './northflank-contract.ts';
import { gateway, northflankFixture, officialClient } from './northflank-fixture.ts';
import type { NorthflankFixture } from './northflank-fixture.ts';

let fixture: NorthflankFixture;
let official: Awaited<ReturnType<typeof officialClient>>;
beforeEach(async () => {
  fixture = await northflankFixture();
  official = await officialClient(fixture.northflank.address);
});
afterEach(() => fixture.close());

const parameters = gateway;
const firstProblem = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues[0]?.path.join('.');

describe('the official client', () => {
  test('reads a service that is deployed, and everything below it', async () => {
    const { northflank, shas } = fixture;
    const buildId = await northflank.seed('gateway', shas[0]!);
    const { get } = official;
    const service = contract.Service.parse((await get.service({ parameters })).data);
    expect(service.deployment?.internal).toMatchObject({ buildSHA: shas[0], deployedSHA: shas[0] });
    expect(service.status.deployment?.status).toBe('COMPLETED');
    const deployment = await get.service.deployment({ parameters });
    expect(contract.Deployment.parse(deployment.data).internal.buildId).toBe(buildId);
    const { ports } = contract.Ports.parse((await get.service.ports({ parameters })).data);
    expect(ports[0]?.internalPort).toBe(18789);
    const checks = await get.service.healthChecks({ parameters });
    expect(contract.HealthChecks.parse(checks.data).healthChecks[0]?.httpPort).toBe(18789);
    const containers = await get.service.containers({ parameters });
    expect(contract.Containers.parse(containers.data).containers[0]?.status).toBe('TASK_RUNNING');
    const { data } = await get.service.runtimeEnvironment({ parameters });
    expect(Object.keys(data.runtimeEnvironment)).toEqual(['GATEWAY_TOKEN', 'LOG_LEVEL']);
  });

  test('starts a build, reads it to its end with its log, deploys it and reads its log', async () => {
    const { shas, served, effects } = fixture;
    const [, sha = ''] = shas;
    const { get, start, update } = official;
    const started = await start.service.build({ parameters, data: { sha } });
    const { id: buildId } = contract.Started.parse(started.data);
    const one = { parameters: { ...parameters, buildId } };
    await expect
      .poll(async () => contract.Build.parse((await get.service.build(one)).data).status)
      .toBe('SUCCESS');
    const { data: log } = await get.service.buildLogs({ parameters, options: { buildId } });
    expect(log.map((line) => line.log)).toContain('Detecting buildpacks');
    const internal = { id: 'gateway', buildId };
    await update.service.deployment({ parameters, data: { internal } });
    await expect.poll(() => served()).toBe(sha);
    expect(effects()).toEqual(['startBuild', 'deploy']);
    const lines = await get.service.logs({ parameters });
    expect(lines.data.some(({ log: text }) => String(text).startsWith('good 2 listens'))).toBe(
      true,
    );
    expect(lines.data[0]?.ts).toBeInstanceOf(Date);
  });

  test('lists builds over pages, newest first, and aborts one', async () => {
    const { northflank, shas, effects } = fixture;
    northflank.set('gateway', { nextBuild: 'UNSCHEDULABLE' });
    for (const sha of [...shas, ...shas])
      await official.start.service.build({ parameters, data: { sha } });
    const options = { per_page: 3 };
    const { data, pagination } = await official.get.service.builds({ parameters, options });
    expect(data.builds).toHaveLength(3);
    expect(pagination).toMatchObject({ hasNextPage: true, count: 3 });
    const all = (await official.get.service.builds.all({ parameters, options })).data.builds;
    expect(all.map((build) => build.sha)).toEqual([...shas, ...shas].toReversed());
    const buildId = all.at(-1)!.id;
    const one = { parameters: { ...parameters, buildId } };
    await official.abort.service.build(one);
    expect(contract.Build.parse((await official.get.service.build(one)).data).status).toBe(
      'ABORTED',
    );
    expect(effects().filter((operation) => operation === 'abortBuild')).toHaveLength(1);
  });

  test('gets 401 and 404 in the shape of its own error', async () => {
    const stranger = await officialClient(fixture.northflank.address, 'nope');
    await expect(stranger.get.service({ parameters })).rejects.toMatchObject({
      status: 401,
      message: 'Unauthorized',
    });
    const elsewhere = { projectId: 'other', serviceId: 'gateway' };
    const team = { teamId: 'acme', ...gateway };
    for (const wrong of [elsewhere, team])
      await expect(official.get.service({ parameters: wrong })).rejects.toMatchObject({
        status: 404,
      });
  });

  test('tells the calls that are left, and that there are none', async () => {
    fixture.northflank.leave(1);
    const { rawResponse } = await official.get.service({ parameters });
    const header = (name: string) => Number(rawResponse.headers.get(`x-ratelimit-${name}`));
    expect([header('limit'), header('remaining')]).toEqual([1000, 0]);
    expect(header('reset')).toBeGreaterThan(3590);
    expect(header('reset')).toBeLessThanOrEqual(3600);
    const data = { sha: fixture.shas[0]! };
    await expect(official.start.service.build({ parameters, data })).rejects.toMatchObject({
      status: 429,
    });
    expect(fixture.effects()).toEqual([]);
  });
});

describe('the contract check turns red', () => {
  test('where a build loses its end, a service its CD switch, a container its seconds', async () => {
    const { northflank, shas } = fixture;
    const buildId = await northflank.seed('gateway', shas[0]!);
    const { get } = official;
    const { data: build } = await get.service.build({ parameters: { ...parameters, buildId } });
    expect(firstProblem(contract.Build, build)).toBeUndefined();
    expect(firstProblem(contract.Build, { ...build, concluded: undefined })).toBe('concluded');
    expect(firstProblem(contract.Build, { ...build, status: 'DONE' })).toBe('status');
    expect(firstProblem(contract.Build, { ...build, extra: 1 })).toBe('');
    const { data: service } = await get.service({ parameters });
    const { disabledCD: _, ...cut } = service;
    expect(firstProblem(contract.Service, service)).toBeUndefined();
    expect(firstProblem(contract.Service, cut)).toBe('disabledCD');
    const { data } = await get.service.containers({ parameters });
    const [one] = data.containers!;
    const late = { containers: [{ ...one, createdAt: Date.now() }] };
    expect(firstProblem(contract.Containers, data)).toBeUndefined();
    expect(firstProblem(contract.Containers, late)).toBe('containers.0.createdAt');
  });

  test('where the official client meets another status than 200', async () => {
    const site = await localSite((_, to) => {
      to.writeHead(201, { 'content-type': 'application/json' }).end('{"data":{"id":"b-1"}}');
    });
    const client = await officialClient(site.url);
    const data = { sha: 'a'.repeat(40) };
    await expect(client.start.service.build({ parameters, data })).rejects.toMatchObject({
      status: 201,
    });
    await site.close();
  });

  test('where a shape leaves the official types', () => {
    // @ts-expect-error The official types have no status DONE.
    const build = { id: 'b-1', status: 'DONE' } satisfies GetServiceBuildResult;
    // @ts-expect-error The official types require disabledCD.
    const service = { id: 'gateway', disabledCI: true } satisfies Partial<GetServiceResult> &
      Pick<GetServiceResult, 'disabledCD'>;
    expect([build.status, service.id]).toEqual(['DONE', 'gateway']);
    expect(contract.drift).not.toContain(false);
  });
});
