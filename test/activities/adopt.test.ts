import { beforeEach, expect, test } from 'vitest';
import { createAdopt } from '../../activities/adopt.ts';
import { openLedger } from '../../activities/ledger.ts';
import type { HostState } from '../../domain/plan.ts';
import type { DeployRequest } from '../../domain/schema.ts';
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
} from '../support/planning.ts';
import { sitesOf } from '../../domain/policy/sites.ts';

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

test('what is live is found, whether or not it lies in a release of ours', async () => {
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

test('what cannot be adopted is refused with the reason and the next command', async () => {
  await expect(adopt({ ...foreign, foreign: { path, sha: null } })).rejects.toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message:
      `What is live in shop production cannot be adopted: which commit runs on ${hosts.join(', ')} cannot be seen.\n` +
      'Nothing was touched. If you know its commit, name it: ' +
      'npx --no plimsoll adopt shop production --ref COMMIT',
  });
  await expect(adopt({ healthy: false })).rejects.toThrow('is not healthy');
});

test('a request to deploy does not count as one to adopt', async () => {
  await expect(adopt({}, {}, 'request')).rejects.toThrow('The request is not signed by ci');
});

test('the plan goes back to what was adopted; unadopted it says which way back is missing', async () => {
  const states = Object.fromEntries(hosts.map((host) => [host, foreign]));
  const before = await plan({ states });
  expect(before.restoreTo).toBeNull();
  expect(before.undo.at(-1)).toBe(
    'what is live was never adopted, so there is no way back to it ' +
      `(${hosts.map((host) => `${host}: ${path}`).join(', ')})`,
  );
  const { key, deploy, release, hosts: where } = await adopt(foreign, { nonce: '2'.repeat(32) });
  const body = { release, sha: deploy.sha, hosts: where };
  const { deployId, project, environment } = deploy;
  await memory.ledger.append({ kind: 'adopted', key, deployId, project, environment, body });
  const after = await plan({ states }, { nonce: '3'.repeat(32) });
  expect(after.restoreTo).toEqual(release);
  expect(after.live.map(({ sha }) => sha)).toEqual([live, live]);
});
