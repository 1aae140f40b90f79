import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../support/e2e.ts';
import { createNorthflankActivities } from '../../../../activities/platforms/northflank/activities.ts';
import { createConnect } from '../../../../activities/platforms/northflank/connect.ts';
import { createNorthflankDriver } from '../../../../activities/platforms/northflank/driver.ts';
import type { NorthflankStep } from '../../../../domain/platforms/northflank/activities.ts';
import { timing } from '../../../../domain/deploy/timing.ts';
import {
  northflankFixture,
  repository,
  token,
} from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import type { NorthflankFixture } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import { northflankPlan, northflankTarget } from '../../../support/fake-northflank.ts';
import { failureText, run } from './place.ts';
import { deprecatedRoutes } from '../../../../sandbox/platforms/northflank/northflank.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';

let fixture: NorthflankFixture;
let live: string;
const connect = createConnect({ secret: () => token, timeScale: 600 });
const verbs = createNorthflankActivities(connect);
const driver = createNorthflankDriver(connect);

/** The service `gateway` deploys the builds of the service `builder`. */
beforeAll(async () => {
  fixture = await northflankFixture({
    service: { buildsFrom: 'builder' },
    services: [{ id: 'builder', project: 'openclaw', repository, kind: 'build' }],
  });
  const builds = fixture.northflank;
  builds.onPush(repository, 'main', fixture.shas[0]!);
  const built = () => fixture.truth('builder').builds[0]?.status === 'SUCCESS';
  await eventually('it is built', built);
  live = fixture.truth('builder').builds[0]!.id;
  await fixture.post('/deployment', { internal: { id: 'builder', buildId: live } });
  const { truth, shas } = fixture;
  await eventually('it is served', () => truth().serves === shas[0]);
});
afterAll(() => fixture.close());
afterEach(() => {
  const role = allPermissions('0.9');
  fixture.northflank.rule({ version: '0.9', role, removed: [], removedStatus: 404 });
  fixture.board.writes.length = 0;
  fixture.board.effects.length = 0;
});

const target = () => ({
  ...northflankTarget,
  api: fixture.northflank.address,
  url: fixture.northflank.url('gateway'),
});
const step = (sha: string, platformId?: string): NorthflankStep => ({
  deploy: { deployId: 'd-1', project: 'gateway', environment: 'production', sha },
  target: target(),
  release: { id: 'release', sha, ...(platformId ? { platformId } : {}) },
  timing: { ...timing(180), startUpMs: 5000 },
  live,
});

test('a service that deploys what another one builds passes the gate', async () => {
  const plan = northflankPlan({ target: target(), github: repository });
  expect(await driver.guards(plan)).toEqual([]);
  expect(await driver.inspect(target())).toMatchObject([{ id: live, healthy: true }]);
});

test('the build is started there, deployed here, and the recorded one is the rollback target', async () => {
  const on = step(fixture.shas[1]!);
  const { known } = await run(verbs.readBuilds, on);
  const asked = { ...on, known, again: false, pushed: false, branch: 'main' };
  const { buildId } = await run(verbs.adoptBuild, asked);
  await run(verbs.awaitBuild, { ...on, buildId });
  const { containers: others } = await run(verbs.checkUnmoved, { ...on, buildId });
  await run(verbs.deployBuild, { ...on, buildId });
  const { state } = await run(verbs.verifyDeployment, { ...on, buildId, others });
  expect(state).toMatchObject({ id: buildId, sha: fixture.shas[1], healthy: true });
  expect(fixture.truth('builder').builds.map(({ id }) => id)).toEqual([live, buildId]);
  expect(await driver.rollbackReady(target(), step(fixture.shas[0]!, live).release)).toMatchObject([
    { present: true },
  ]);
  await run(verbs.rollBackDeployment, step(fixture.shas[0]!, live));
  expect(fixture.truth()).toMatchObject({ target: live, serves: fixture.shas[0] });
});

const services = '/v1/projects/openclaw/services';
const writes = () => fixture.board.writes.map(({ call }) => call);
const buildOf = (sha: string) =>
  fixture.truth('builder').builds.find((one) => one.sha === sha && one.status === 'SUCCESS')!.id;
const deployed = async () => {
  const on = step(fixture.shas[1]!);
  const buildId = buildOf(fixture.shas[1]!);
  const { containers: others } = await run(verbs.checkUnmoved, { ...on, buildId });
  await run(verbs.deployBuild, { ...on, buildId });
  const { state } = await run(verbs.verifyDeployment, { ...on, buildId, others });
  await run(verbs.rollBackDeployment, step(fixture.shas[0]!, live));
  return state;
};

test('the deploy and the rollback use the call that is not deprecated', async () => {
  fixture.northflank.set('gateway', { instances: 2 });
  const state = await deployed();
  fixture.northflank.set('gateway', { instances: 1 });
  expect(state).toMatchObject({ sha: fixture.shas[1], healthy: true });
  const patch = `PATCH ${services}/deployment/gateway`;
  expect(writes()).toEqual([patch, patch]);
  expect(fixture.effects()).toEqual(['deploy', 'deploy']);
});

test.each([404, 405] as const)(
  'where Northflank does not have that call (%i), the older one is used',
  async (removedStatus) => {
    const removed = ['PATCH services/deployment/{service}'];
    fixture.northflank.rule({ removed, removedStatus });
    expect(await deployed()).toMatchObject({ sha: fixture.shas[1], healthy: true });
    const [patch, post] = [
      `PATCH ${services}/deployment/gateway`,
      `POST ${services}/gateway/deployment`,
    ];
    expect(writes()).toEqual([patch, post, patch, post]);
    expect(fixture.effects()).toEqual(['deploy', 'deploy']);
  },
);

test.each([
  ['a missing permission', 401],
  ['a missing permission', 403],
] as const)('the older call is not tried after %s (%i)', async (_, forbiddenStatus) => {
  const update = 'Project > Services > General > Update';
  const role = allPermissions('0.9').filter((one) => one !== update);
  fixture.northflank.rule({ role, forbiddenStatus });
  const names = forbiddenStatus === 401 ? ' Northflank names "ps_services_general_update".' : '';
  expect(await failureText(deployed())).toEqual({
    type: 'Misconfigured',
    final: true,
    lines: [
      `Northflank refused the request for the deploy of build ${buildOf(fixture.shas[1]!)} to openclaw/gateway, ` +
        `because the token in NORTHFLANK_TOKEN has no permission (${forbiddenStatus}).`,
      `Give the token's role the permission "${update}" for project openclaw.${names}`,
    ],
  });
  fixture.northflank.rule({ forbiddenStatus: 401 });
  expect(writes()).toEqual([`PATCH ${services}/deployment/gateway`]);
  expect(fixture.truth()).toMatchObject({ target: live, serves: fixture.shas[0] });
});

test.each([404, 405] as const)(
  'where every deprecated call is gone (%i), a deploy works',
  async (removedStatus) => {
    const role = allPermissions('0.11');
    fixture.northflank.rule({ version: '0.11', role, removed: deprecatedRoutes, removedStatus });
    const plan = northflankPlan({ target: target(), github: repository });
    expect(await driver.guards(plan)).toEqual([]);
    expect(await deployed()).toMatchObject({ sha: fixture.shas[1], healthy: true });
    const patch = `PATCH ${services}/deployment/gateway`;
    expect(writes()).toEqual([patch, patch]);
  },
);
