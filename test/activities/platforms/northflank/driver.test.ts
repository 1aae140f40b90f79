import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createErrorLogSource } from '../../../../activities/platforms/northflank/error-log-source.ts';
import type { Settings } from '../../../../sandbox/platforms/northflank/state.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { northflankPlace, run, failureText } from './place.ts';
import type { NorthflankPlace } from './place.ts';
import { fromTheBegin } from '../../../support/drivers.ts';

let place: NorthflankPlace;
beforeAll(async () => {
  place = await northflankPlace({
    trees: [samples.good(1), samples.good(2)],
    services: [{ id: 'builder', project: 'openclaw', repository: 'acme/other', kind: 'build' }],
  });
});
afterAll(() => place.close());

const standard: Partial<Settings> = {
  ...{ disabledCD: true, paused: false, port: 18789 },
  probe: { path: '/healthz', port: 18789 },
};
afterEach(() => {
  place.board.clear();
  place.northflank.set('gateway', standard);
});

const guards = (more: Parameters<NorthflankPlace['plan']>[0] = {}) =>
  place.driver.guards(place.plan(more));

describe('the gate is open', () => {
  test('for a service with CD off, a pinned build, its port and a readiness probe', async () => {
    expect(await guards()).toEqual([]);
  });
});

describe('the gate is closed by', () => {
  test.each<[string, Partial<Settings>, string]>([
    [
      'CD',
      { disabledCD: false },
      'northflank gateway has CD on, so Northflank automatically deploys unapproved merges. ' +
        'Switch CD off on the page of openclaw/gateway, then deploy again.',
    ],
    [
      'a service that is paused',
      { paused: true },
      'northflank gateway is paused: nothing runs. Resume it at Northflank, then deploy again.',
    ],
    [
      'port 8000',
      { port: 8000 },
      'northflank gateway has no port 18789. Its ports: 8000 (a common mistake). ' +
        'Add port 18789 under "Ports & DNS" of the service, or correct "port" in plimsoll.yaml.',
    ],
    [
      'no readiness probe',
      { probe: null },
      'northflank gateway has no readiness probe, so a release that never answers would get the traffic. ' +
        'Add a readiness probe under "Health checks": HTTP /healthz on port 18789, then deploy again.',
    ],
    [
      'a readiness probe on another port',
      { probe: { path: '/healthz', port: 8000 } },
      'northflank gateway has its readiness probe on 8000, so a release that never answers would get the traffic. ' +
        'Add a readiness probe under "Health checks": HTTP /healthz on port 18789, then deploy again.',
    ],
  ])('%s', async (_, change, why) => {
    place.northflank.set('gateway', change);
    expect(await guards()).toEqual([why]);
  });

  test('a service that follows the newest build', async () => {
    place.northflank.follow('gateway');
    const against = await guards();
    await place.pin(place.live);
    expect(against).toEqual([
      'northflank gateway is not pinned: it follows the newest build of main, approved or not. ' +
        `Under "Deployment" of openclaw/gateway choose the build that is live (${place.live}), then deploy again.`,
    ]);
    expect(await guards()).toEqual([]);
  });

  test('another branch, and another repository', async () => {
    expect(await guards({ branch: 'release', github: 'acme/shop' })).toEqual([
      'northflank gateway builds the branch main, but this project deploys release. ' +
        'Correct the branch at Northflank, or "branch" in plimsoll.yaml.',
      'northflank gateway builds acme/openclaw-gateway, but this project is acme/shop. ' +
        'Correct "project" and "service" in plimsoll.yaml.',
    ]);
  });
});

describe('what cannot be asked is told with what to check', () => {
  const asked = (change: object) =>
    failureText(place.driver.inspect({ ...place.target, ...change }));

  test('a token that is not known names its variable', async () => {
    expect(await asked({ token: 'env:OLD' })).toEqual({
      type: 'Misconfigured',
      final: true,
      lines: [
        'Northflank refused the request for the service openclaw/gateway, because it does not know the token in OLD (401).',
        'Make a new API token, set OLD where the worker is started, and start the worker again.',
      ],
    });
  });

  test.each([
    [{ project: 'opencl4w' }, 'service gateway in project opencl4w'],
    [{ service: 'gatewey' }, 'service gatewey in project openclaw'],
  ])('%j is no place that it has', async (change, where) => {
    expect(await asked(change)).toEqual({
      type: 'Misconfigured',
      final: true,
      lines: [
        `Northflank has no ${where} for the token in NORTHFLANK_TOKEN (404).`,
        'Check "project" and "service" in plimsoll.yaml: they are the ids in the address of the service\'s page. ' +
          'A token of an organisation needs "team" as well.',
      ],
    });
  });

  test('a team that is not the one of the service', async () => {
    expect(await asked({ team: 'other' })).toEqual({
      type: 'Misconfigured',
      final: true,
      lines: [
        'Northflank has no service gateway in project openclaw of team other for the token in NORTHFLANK_TOKEN (404).',
        'Check "team", "project" and "service" in plimsoll.yaml: they are the ids in the address of the service\'s page.',
      ],
    });
  });

  test('a service that only builds', async () => {
    expect(await asked({ service: 'builder' })).toEqual({
      type: 'Misconfigured',
      final: true,
      lines: [
        'northflank builder is a build service: it runs nothing, so nothing can be deployed to it.',
        'Set "service" in plimsoll.yaml to the combined or deployment service that runs the build.',
      ],
    });
  });
});

describe('the facts', () => {
  test('are the live build, and every build that it could roll back to', async () => {
    const second = await place.build(place.shas[1]!);
    const [state] = await place.driver.inspect(place.target);
    expect(state).toMatchObject({
      ...{ host: 'northflank gateway', sha: place.shas[0], id: place.live, healthy: true },
      ids: { [place.shas[0]!]: place.live, [place.shas[1]!]: second },
    });
  });

  test('the recorded build is the rollback target, another one of its commit is not', async () => {
    const release = { id: 'old-0', sha: place.shas[0]! };
    const back = (more: object) =>
      place.driver.rollbackReady(place.target, { ...release, ...more });
    expect(await back({ platformId: place.live })).toMatchObject([{ present: true }]);
    expect(await back({})).toMatchObject([{ present: true }]);
    expect(await back({ platformId: 'brave-lamp-1' })).toEqual([
      {
        host: 'northflank gateway',
        present: false,
        gone:
          'northflank gateway: Northflank has no successful build brave-lamp-1 ' +
          `(${release.sha.slice(0, 7)}), so Plimsoll could not roll back to that commit. ` +
          'Build the commit and deploy that build at Northflank. Then start this deploy again.',
      },
    ]);
  });

  test('of the variables their names', async () => {
    const target = { ...place.target, requiredVariables: ['GATEWAY_TOKEN', 'MISSING'] };
    expect(await place.driver.variables(target)).toEqual({
      hosts: [{ host: 'northflank gateway', missing: ['MISSING'] }],
      sourceErrors: [],
    });
  });
});

describe('the runtime log', () => {
  test('is the baseline: seconds, or the lines that are requests', async () => {
    await fetch(`${place.target.url}/login`);
    const bySeconds = await place.driver.measureBaseline({ target: place.target, accessLog: null });
    expect(bySeconds).toMatchObject({ errors: 0, requests: 300 });
    const accessLog = '^GET /login 200$';
    const asked = { target: place.target, accessLog };
    expect((await place.driver.measureBaseline(asked))?.requests).toBeGreaterThanOrEqual(1);
    const wrong = { target: place.target, accessLog: '(' };
    expect(await place.driver.measureBaseline(wrong)).toBe(null);
  });

  test('is no baseline where it is empty: no data is not zero errors', async () => {
    const empty = await northflankPlace();
    empty.northflank.forget('gateway');
    const asked = { target: empty.target, accessLog: null };
    expect(await empty.driver.measureBaseline(asked)).toBe(null);
    await empty.close();
  });

  test('is counted range after range, no line twice, and the next sample counts what a failed one missed', async () => {
    let now = Date.now();
    const watch = { accessLog: '^GET /pay' };
    const on = { target: place.target, watch, agoMs: () => 0, now: () => now, ...fromTheBegin };
    const errorSource = createErrorLogSource({ connect: place.connect, ...on });
    expect(await errorSource.sample()).toEqual([0, 0]);
    for (let n = 0; n < 3; n += 1) await fetch(`${place.target.url}/pay`);
    await sleep(50);
    now = Date.now() + 3000;
    place.arm('500-before', '/logs');
    expect(await errorSource.sample()).toBe(null);
    expect(await errorSource.sample()).toEqual([0, 3]);
    expect(await errorSource.sample()).toEqual([0, 0]);
  });

  test('and the build log are evidence, and say so where they cannot be read', async () => {
    const plan = place.plan({ sha: place.shas[1]! });
    const lines = await run(place.driver.lastLines, plan);
    expect(lines).toContain('Nothing to build');
    expect(lines.join('\n')).toContain('GET /pay 200');
    place.arm('drop-before', 'logs', 2);
    expect(await run(place.driver.lastLines, plan)).toEqual([
      expect.stringMatching(/^the build log of northflank gateway could not be read: /),
      expect.stringMatching(/^the log of northflank gateway could not be read: /),
    ]);
  });
});
