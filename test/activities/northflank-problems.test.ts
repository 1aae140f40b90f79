import { describe, expect, test } from 'vitest';
import { problems, stateOf, waysBack } from '../../activities/platforms/northflank/problems.ts';
import type { Sight } from '../../activities/platforms/northflank/sight.ts';
import { northflankTarget } from '../support/fake-northflank.ts';
import { newSha, oldSha } from '../support/plan.ts';

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
  ...{ rollout, buildSha: newSha, deployedSha: newSha, instances: 1, strategy: null, ports: [] },
};
const healthy: Sight = {
  service,
  deployment,
  build,
  containers: [container],
  outside: {
    health: answer('/healthz', 200),
    version: answer('/version', 200, `{"sha":"${newSha}"}`),
  },
};
const wanted = { buildId: 'build-b', sha: newSha, strict: true };
type Change = { [K in keyof Sight]?: Partial<Sight[K]> | null };
const sight = (change: Change = {}): Sight => {
  const parts = Object.entries(change).map(([key, part]) => {
    const whole = part === null || Array.isArray(part);
    return [key, whole ? part : { ...healthy[key as keyof Sight], ...part }];
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
const outside = (change: Partial<Sight['outside']>) => ({ outside: change });

describe('it is not live where', () => {
  test.each<[string, Change, string[]]>([
    ['it is paused', { service: { paused: true } }, ['it is paused: nothing runs']],
    ['it deploys something else', { deployment: null }, ['it deploys an image from elsewhere']],
    [
      'another build is deployed',
      { deployment: { buildId: 'build-c' } },
      ['build build-c is deployed, not build-b'],
    ],
    ['that build is gone', { build: null }, ['whether build build-b succeeded is unknown']],
    [
      'that build is not known to have succeeded',
      { build: { success: false } },
      ['whether build build-b succeeded is unknown'],
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
      ['its rollout is FAILED'],
    ],
    [
      'the rollout is in a state that is not known here',
      { service: { rollout: { ...rollout, status: 'unknown' } } },
      ['its rollout is unknown'],
    ],
    ['nothing is said of the rollout', { service: { rollout: null } }, ['its rollout is unknown']],
    [
      'its container died, whatever the rollout says',
      { containers: [failed] },
      ['0 of 1 containers run it'],
    ],
    ['there is no container', { containers: [] }, ['0 of 1 containers run it']],
    ['a container is missing', { service: { instances: 2 } }, ['1 of 2 containers run it']],
    [
      'its container is older than its build',
      { containers: [older] },
      ['1 of 1 running containers run something else', '0 of 1 containers run it'],
    ],
    [
      'health fails outside',
      outside({ health: answer('/healthz', 503) }),
      ['outside, /healthz answered 503; 2xx is healthy'],
    ],
    [
      'nobody answers outside',
      outside({ health: answer('/healthz', null) }),
      ['outside, /healthz did not answer (ECONNREFUSED); 2xx is healthy'],
    ],
    [
      'the version names another commit',
      outside({ version: answer('/version', 200, oldSha) }),
      ['outside, /version names aaaaaaa'],
    ],
    [
      'the version names none',
      outside({ version: answer('/version', 200, 'v2') }),
      ['outside, /version does not name this release'],
    ],
    [
      'the version is not there',
      outside({ version: answer('/version', 404) }),
      ['outside, /version answered 404'],
    ],
  ])('%s', (_, change, against) => {
    expect(problems(sight(change), wanted)).toEqual(against);
    expect(stateOf(northflankTarget, sight(change), {}).healthy).toBe(
      // Of what was live before, an older version path may be another one; a different commit may not.
      change.outside?.version?.body === 'v2' ||
        change.outside?.version?.status === 404 ||
        change.deployment?.buildId === 'build-c',
    );
  });

  test('a container of before still runs', () => {
    const both = sight({ containers: [container, { ...container, name: 'gateway-2' }] });
    expect(problems(both, { ...wanted, others: ['gateway-1'] })).toEqual([
      '1 of 2 running containers run something else',
    ]);
    expect(problems(both, wanted)).toEqual([]);
  });
});

test('an older release may not know the version path, and names no other commit', () => {
  const lenient = { ...wanted, strict: false };
  expect(problems(sight(outside({ version: answer('/version', 404) })), lenient)).toEqual([]);
  expect(problems(sight(outside({ version: answer('/version', 200, 'v1') })), lenient)).toEqual([]);
  expect(problems(sight(outside({ version: answer('/version', 200, oldSha) })), lenient)).toEqual([
    'outside, /version names aaaaaaa',
  ]);
});

test('what is live without a commit is foreign', () => {
  expect(stateOf(northflankTarget, sight({ deployment: null, build: null }), {})).toMatchObject({
    ...{ sha: null, healthy: false },
    foreign: { path: 'an image from elsewhere', sha: null },
  });
  const nameless = { deployment: { deployedSha: null }, build: { sha: null } };
  expect(stateOf(northflankTarget, sight(nameless), {})).toMatchObject({
    ...{ sha: null, healthy: false, foreign: { path: 'build-b', sha: null } },
  });
});

test('the way back to a commit is its newest successful build', () => {
  const again = { ...build, id: 'build-b2', success: false };
  const before = { ...build, id: 'build-a', sha: oldSha };
  expect(waysBack([again, build, { ...build, id: 'build-b0' }, before])).toEqual({
    [newSha]: 'build-b',
    [oldSha]: 'build-a',
  });
});
