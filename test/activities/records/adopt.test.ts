import { beforeEach, expect, test } from 'vitest';
import { createAdopt } from '../../../activities/records/adopt.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import type { DeployRequest } from '../../../domain/config/config.ts';
import {
  ci,
  configOf,
  hosts,
  live,
  memory,
  now,
  plan,
  requestOf,
  shipped,
} from '../../support/planning.ts';
import { sitesOf } from '../../../domain/platforms/sites.ts';

const path = '/srv/shop-v42';
const foreign: Partial<HostState> = {
  sha: null,
  runningSha: null,
  ready: [live],
  foreign: { path, sha: live },
};
const state = (host: string, change: Partial<HostState>): HostState => ({
  host,
  sha: live,
  runningSha: live,
  invocationId: 'i',
  active: true,
  healthy: true,
  ...change,
});

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

const adopt = (change: Partial<HostState>, over: Partial<DeployRequest> = {}, as = 'adopt') => {
  const { planAdoption } = createAdopt({
    config: () => configOf(),
    git: { resolve: async (_, ref) => (ref === 'v2' ? shipped : ref) },
    inspectHosts: async ({ target }) => sitesOf(target).map(({ name }) => state(name, change)),
    now: () => now,
  });
  const request = requestOf({ ref: 'live', ...over });
  const signature = ci.sign(request, `plimsoll-${as}@v1`);
  return planAdoption({ signed: { request, signature } });
};

test('the live release is found, whether or not it lies in a release of ours', async () => {
  expect(await adopt({})).toMatchObject({
    key: `request/${'1'.repeat(32)}`,
    deploy: { project: 'shop', environment: 'production', sha: live },
    release: { sha: live },
    hosts: hosts.map((host) => ({ host, path: null })),
    requestedBy: 'ci',
  });
  const unknown = { ...foreign, foreign: { path, sha: null } };
  expect(await adopt(unknown, { ref: 'v2' })).toMatchObject({
    release: { sha: shipped },
    hosts: hosts.map((host) => ({ host, path })),
  });
});

test('a release that cannot be adopted is refused with the reason and the next command', async () => {
  await expect(adopt({ ...foreign, foreign: { path, sha: null } })).rejects.toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message:
      `The live release of shop production cannot be adopted: the commit on ${hosts.join(', ')} is not known.\n` +
      'Nothing was touched. If you know the commit of this release, name it: ' +
      'plimsoll adopt shop production --ref COMMIT',
  });
  await expect(adopt({ healthy: false })).rejects.toThrow('is not healthy');
});

test('a request to deploy does not count as one to adopt', async () => {
  await expect(adopt({}, {}, 'request')).rejects.toThrow(
    "The signature of the request is not ci's",
  );
});

test('the plan rolls back to the adopted release; without adoption it says which target is missing', async () => {
  const states = Object.fromEntries(hosts.map((host) => [host, foreign]));
  const before = await plan({ states });
  expect(before.rollbackTarget).toBeNull();
  expect(before.rollbackSteps.at(-1)).toBe(
    'the live release was never adopted, so it is no rollback target ' +
      `(${hosts.map((host) => `${host}: ${path}`).join(', ')})`,
  );
  const { key, deploy, release, hosts: where } = await adopt(foreign, { nonce: '2'.repeat(32) });
  const body = { release, sha: deploy.sha, hosts: where };
  const { deployId, project, environment } = deploy;
  await memory.ledger.append({ kind: 'adopted', key, deployId, project, environment, body });
  const after = await plan({ states }, { nonce: '3'.repeat(32) });
  expect(after.rollbackTarget).toEqual(release);
  expect(after.live.map(({ sha }) => sha)).toEqual([live, live]);
});
