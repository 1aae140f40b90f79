import { afterAll, beforeAll, expect, test } from 'vitest';
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
import { run } from './place.ts';

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
