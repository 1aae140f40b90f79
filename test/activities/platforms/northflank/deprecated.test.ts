import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { deprecatedRoutes } from '../../../../sandbox/platforms/northflank/northflank.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';
import type { Version } from '../../../../sandbox/platforms/northflank/permissions.ts';
import { failureText, northflankPlace, run } from './place.ts';
import type { NorthflankPlace } from './place.ts';

let place: NorthflankPlace;
beforeAll(async () => {
  place = await northflankPlace();
});
afterAll(() => place.close());
afterEach(() => {
  rule('0.9', []);
  place.board.effects.length = 0;
});

const rule = (version: Version, removed: readonly string[], removedStatus: 404 | 405 = 404) =>
  place.northflank.rule({ version, role: allPermissions(version), removed, removedStatus });
const untold = {
  type: 'Misconfigured',
  final: true,
  lines: [
    "Northflank's API no longer reports which build openclaw/gateway deploys, so Plimsoll cannot prove a release.",
    'Install a newer version of Plimsoll. Until then, deploy by hand at Northflank.',
  ],
};

describe('a combined service', () => {
  test('is deployed and rolled back with the newer answer about a service', async () => {
    rule('0.11', []);
    const sha = place.shas[1]!;
    expect(await place.driver.guards(place.plan())).toEqual([]);
    const { state } = await place.deployRelease(sha, await place.build(sha));
    expect(state).toMatchObject({ sha, healthy: true });
    expect(await run(place.do.rollBackDeployment, place.back())).toMatchObject({ id: place.live });
  });

  test.each<[Version, 404 | 405]>([
    ['0.9', 404],
    ['0.9', 405],
    ['0.11', 404],
    ['0.11', 405],
  ])('closes the gate where no call tells its build any more (%s, %i)', async (version, status) => {
    rule(version, deprecatedRoutes, status);
    expect(await failureText(place.driver.guards(place.plan()))).toEqual(untold);
  });

  test.each([404, 405] as const)(
    'says what to do where no call takes a build any more (%i)',
    async (status) => {
      rule('0.9', ['POST /deployment'], status);
      const sha = place.shas[1]!;
      const buildId = await place.build(sha);
      place.board.effects.length = 0;
      expect(await failureText(run(place.do.deployBuild, { ...place.step(sha), buildId }))).toEqual(
        {
          type: 'Misconfigured',
          final: true,
          lines: [
            "Northflank's API no longer accepts the order to deploy a build to openclaw/gateway. Nothing was changed.",
            `Choose build ${buildId} under "Deployment" of openclaw/gateway at Northflank, and install a newer version of Plimsoll.`,
          ],
        },
      );
      expect(place.effects()).toEqual([]);
    },
  );
});

describe('with the newer answer about a service', () => {
  test('health checks and own variables need no deprecated call', async () => {
    const target = { ...place.target, requiredVariables: ['GATEWAY_TOKEN', 'INHERITED'] };
    rule('0.11', ['GET /health-checks', 'GET /runtime-environment']);
    expect(await place.driver.guards(place.plan())).toEqual([]);
    expect(await place.driver.variables(target)).toEqual({
      hosts: [{ host: 'northflank gateway', missing: ['INHERITED'] }],
      sourceErrors: [],
    });
  });

  test('a service that is not pinned closes the gate, though nothing tells of CD', async () => {
    place.northflank.follow('gateway');
    rule('0.11', []);
    const against = await place.driver.guards(place.plan());
    rule('0.9', []);
    await place.pin(place.live);
    expect(against).toEqual([
      'northflank gateway is not pinned: it follows the newest build of main, approved or not. ' +
        `Under "Deployment" of openclaw/gateway choose the build that is live (${place.live}), then deploy again.`,
    ]);
  });

  test('a service without a build closes the gate, because nothing tells of CD', async () => {
    const empty = await northflankPlace({ version: '0.11', services: [] });
    const { northflank } = empty;
    const service = await empty.connect(empty.target).service.service();
    expect(service).toMatchObject({ disabledCD: null, paused: false });
    northflank.forgetDeployment('gateway');
    const against = await empty.driver.guards(empty.plan());
    await empty.close();
    expect(against).toEqual([
      'northflank gateway: Northflank does not report whether CD is off, and no build is pinned. ' +
        'Under "Deployment" of openclaw/gateway choose a build, then deploy again.',
    ]);
  });
});
