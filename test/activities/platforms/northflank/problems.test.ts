import { describe, expect, test } from 'vitest';
import {
  problems,
  stateOf,
  rollbackBuilds,
} from '../../../../activities/platforms/northflank/problems.ts';
import type { Snapshot } from '../../../../activities/platforms/northflank/snapshot.ts';
import { northflankTarget } from '../../../support/fake-northflank.ts';
import { newSha, oldSha } from '../../../support/plan.ts';

const builtAt = 1_800_000_000_000;
const build = {
  ...{ id: 'build-b', sha: newSha, branch: 'main', status: 'SUCCESS' as const, why: null },
  ...{ concluded: true, success: true, createdAt: builtAt },
};
const container = {
  name: 'gateway-1',
  status: 'TASK_RUNNING' as const,
  createdAt: builtAt + 60_000,
};
const answer = (path: string, status: number | null, body = '') => ({
  ...{ path, status, body },
  why: status === null ? 'did not answer (ECONNREFUSED)' : `answered ${status}`,
});
const deployment = {
  ...{ from: 'gateway', branch: 'main', buildId: 'build-b' },
  ...{ buildSha: newSha, deployedSha: newSha },
};
const rollout = {
  status: 'COMPLETED' as const,
  reason: 'DEPLOYING' as const,
  lastTransitionTime: 1,
};
const service = {
  ...{ id: 'gateway', kind: 'combined' as const, paused: false },
  ...{ disabledCI: false, disabledCD: true, repository: null, branch: 'main', build: null },
  ...{ rollout, deployment, deployedSha: newSha, instances: 1, strategy: null, ports: [] },
  ...{ gradualStrategy: null, healthChecks: null, variables: null, usesLfs: false },
};
const healthy: Snapshot = {
  service,
  deployment,
  build,
  containers: [container],
  gradual: null,
  outside: {
    health: answer('/healthz', 200),
    version: answer('/version', 200, `{"sha":"${newSha}"}`),
  },
};
const wanted = { buildId: 'build-b', sha: newSha, strict: true };
type Change = { [K in keyof Snapshot]?: Partial<Snapshot[K]> | null };
const snapshot = (change: Change = {}): Snapshot => {
  const parts = Object.entries(change).map(([key, part]) => {
    const whole = part === null || Array.isArray(part);
    return [key, whole ? part : { ...healthy[key as keyof Snapshot], ...part }];
  });
  return { ...healthy, ...Object.fromEntries(parts) };
};

test('live and healthy is what all of them say alike', () => {
  expect(problems(healthy, wanted)).toEqual([]);
  expect(stateOf(northflankTarget, healthy, { [oldSha]: 'build-a' })).toEqual({
    ...{ host: 'northflank gateway', sha: newSha, runningSha: newSha, invocationId: null },
    ...{ active: true, healthy: true, id: 'build-b' },
    ready: [oldSha, newSha],
    ids: { [oldSha]: 'build-a', [newSha]: 'build-b' },
  });
});

const older = { ...container, name: 'gateway-0', createdAt: builtAt - 2000 };
const failed = { ...container, status: 'TASK_FAILED' as const };
const outside = (change: Partial<Snapshot['outside']>) => ({ outside: change });

describe('it is not live where', () => {
  test.each<[string, Change, string[]]>([
    ['it is paused', { service: { paused: true } }, ['the service is paused, so nothing runs']],
    ['it deploys something else', { deployment: null }, ['the service deploys an external image']],
    [
      'another build is deployed',
      { deployment: { buildId: 'build-c' } },
      ['build build-c is deployed, not build-b'],
    ],
    ['that build is gone', { build: null }, ['it is unknown whether build build-b succeeded']],
    [
      'that build is not known to have succeeded',
      { build: { success: false } },
      ['it is unknown whether build build-b succeeded'],
    ],
    [
      'two answers of Northflank differ',
      { service: { deployedSha: oldSha } },
      ['Northflank names aaaaaaa as deployed'],
    ],
    [
      'no commit is named',
      { service: { deployedSha: null } },
      ['Northflank names no commit as deployed'],
    ],
    [
      'the rollout failed',
      { service: { rollout: { ...rollout, status: 'FAILED' } } },
      ['the rollout is FAILED'],
    ],
    [
      'the rollout is in a state that is not known here',
      { service: { rollout: { ...rollout, status: 'unknown' } } },
      ['the rollout is unknown'],
    ],
    [
      'a gradual rollout gives it a share of the traffic',
      { gradual: { promoted: false, percent: 20, blocks: false } },
      ['a gradual rollout is active: only 20 % of the traffic reaches the newer release'],
    ],
    [
      'a gradual rollout gives it certain requests',
      { gradual: { promoted: false, percent: null, blocks: false } },
      ['a gradual rollout is active: only requests with a certain header reach the newer release'],
    ],
    ['nothing is said of the rollout', { service: { rollout: null } }, ['the rollout is unknown']],
    [
      'its container died, whatever the rollout says',
      { containers: [failed] },
      ['0 of 1 containers run this build'],
    ],
    ['there is no container', { containers: [] }, ['0 of 1 containers run this build']],
    ['a container is missing', { service: { instances: 2 } }, ['1 of 2 containers run this build']],
    [
      'its container is older than its build',
      { containers: [older] },
      ['1 of 1 running containers run another build', '0 of 1 containers run this build'],
    ],
    [
      'health fails outside',
      outside({ health: answer('/healthz', 503) }),
      ['from outside, /healthz answered 503; 2xx is healthy'],
    ],
    [
      'nobody answers outside',
      outside({ health: answer('/healthz', null) }),
      ['from outside, /healthz did not answer (ECONNREFUSED); 2xx is healthy'],
    ],
    [
      'the version names another commit',
      outside({ version: answer('/version', 200, oldSha) }),
      ['from outside, /version names aaaaaaa'],
    ],
    [
      'the version names none',
      outside({ version: answer('/version', 200, 'v2') }),
      ['from outside, /version does not name this release'],
    ],
    [
      'the version is not there',
      outside({ version: answer('/version', 404) }),
      ['from outside, /version answered 404'],
    ],
  ])('%s', (_, change, against) => {
    expect(problems(snapshot(change), wanted)).toEqual(against);
    expect(stateOf(northflankTarget, snapshot(change), {}).healthy).toBe(
      // A release is healthy even if its version path names no commit, as an older release may do.
      // It is not healthy if this path names another commit.
      change.outside?.version?.body === 'v2' ||
        change.outside?.version?.status === 404 ||
        change.deployment?.buildId === 'build-c',
    );
  });

  test('a container of before still runs', () => {
    const both = snapshot({ containers: [container, { ...container, name: 'gateway-2' }] });
    expect(problems(both, { ...wanted, others: ['gateway-1'] })).toEqual([
      '1 of 2 running containers run another build',
    ]);
    expect(problems(both, wanted)).toEqual([]);
  });
});

test('a gradual rollout that was promoted gives it all traffic', () => {
  const promoted = { gradual: { promoted: true, percent: 20, blocks: true } };
  expect(problems(snapshot(promoted), wanted)).toEqual([]);
});

test('a commit that Northflank does not tell is no other commit', () => {
  const untold = { service: { deployedSha: undefined }, deployment: { deployedSha: undefined } };
  expect(problems(snapshot(untold), wanted)).toEqual([]);
});

test('an older release may not know the version path, and names no other commit', () => {
  const lenient = { ...wanted, strict: false };
  expect(problems(snapshot(outside({ version: answer('/version', 404) })), lenient)).toEqual([]);
  expect(problems(snapshot(outside({ version: answer('/version', 200, 'v1') })), lenient)).toEqual(
    [],
  );
  expect(
    problems(snapshot(outside({ version: answer('/version', 200, oldSha) })), lenient),
  ).toEqual(['from outside, /version names aaaaaaa']);
});

test('what is live without a commit is foreign', () => {
  expect(stateOf(northflankTarget, snapshot({ deployment: null, build: null }), {})).toMatchObject({
    ...{ sha: null, healthy: false },
    foreign: { path: 'an external image', sha: null },
  });
  const nameless = { deployment: { deployedSha: null }, build: { sha: null } };
  expect(stateOf(northflankTarget, snapshot(nameless), {})).toMatchObject({
    ...{ sha: null, healthy: false, foreign: { path: 'build-b', sha: null } },
  });
});

test('the rollback target for a commit is its newest successful build', () => {
  const again = { ...build, id: 'build-b2', success: false };
  const before = { ...build, id: 'build-a', sha: oldSha };
  expect(rollbackBuilds([again, build, { ...build, id: 'build-b0' }, before])).toEqual({
    [newSha]: 'build-b',
    [oldSha]: 'build-a',
  });
});
