import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../../domain/config/config.ts';
import { doctor } from '../../../../activities/platforms/cloudflare/doctor.ts';
import { createAtBranch } from '../../../../activities/git/branch.ts';
import { placesOn } from '../../../../activities/platforms/places.ts';
import { isSet } from '../../../../worker/doctor/secrets.ts';
import { secret } from '../../../../worker/config/secrets.ts';
import { tokens } from '../../../../domain/platforms/cloudflare/permissions.ts';
import { saidBy, textOf } from '../../../permissions/rows.ts';
import type { Row } from '../../../permissions/rows.ts';
import { cloudflarePlace, host, name } from './place.ts';
import type { CloudflarePlace } from './place.ts';
import { token } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import {
  documented,
  documentedForRoutes,
} from '../../../../sandbox/platforms/cloudflare/permissions.ts';
import type { Permission } from '../../../../sandbox/platforms/cloudflare/permissions.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';

const zone = '023e105f4ecef8ad9ca31a8372d0c353';
const routes = ['a.example.com/*', { pattern: 'example.com/b/*', zone_id: zone }];
let at: CloudflarePlace;
let plain: CloudflarePlace;
let routed: CloudflarePlace;
beforeAll(async () => {
  plain = await cloudflarePlace([workers.good(name)]);
  const zones = [{ id: zone, name: 'example.com' }];
  routed = await cloudflarePlace([workers.routed(name, routes)], { zones });
});
beforeEach(() => void (at = plain));
afterAll(async () => {
  await plain.close();
  await routed.close();
});

const without = (permission: Permission) => documentedForRoutes.filter((one) => one !== permission);
const env = { CLOUDFLARE_API_TOKEN: token };
const deps = (env: NodeJS.ProcessEnv) => ({
  secret: (ref: string) => secret(ref, env),
  isSet: (ref: string) => isSet(ref, env),
  atBranch: createAtBranch(() => 'secret-token'),
});
let branch = 'main';
const look = (more: object = {}, given: NodeJS.ProcessEnv = env) => {
  const production = { ...at.target, ...more };
  const { repository } = at.target;
  const assistant = { branch, repository, environments: { production } };
  const staging = { environments: { staging: { platform: 'vps' } } };
  const config = { projects: { assistant, staging } } as unknown as Config;
  return Promise.all(doctor(placesOn(config, 'cloudflare'), deps(given)));
};
const text = async (...asked: Parameters<typeof look>) => (await look(...asked))[0]?.text;

test('a worker that does not exist yet is in order', async () => {
  expect(await look({ rollout: 'gradual' })).toEqual([
    {
      check: host,
      state: 'ok',
      text:
        `wrangler is installed; the token in CLOUDFLARE_API_TOKEN can read the Worker and its analytics; ` +
        `the worker ${name} does not exist yet; only the first deploy shows whether the token may deploy`,
    },
  ]);
  expect(at.effects()).toEqual([]);
});

test('one whose variable is not set is not asked', async () => {
  expect(await look({}, {})).toEqual([
    { check: host, state: 'unchecked', text: 'needs CLOUDFLARE_API_TOKEN' },
  ]);
});

test('a wrong token, and analytics that it may not read', async () => {
  const wrong = { CLOUDFLARE_API_TOKEN: 'cf-wrong' };
  expect(await text({}, wrong)).toContain('does not accept the token in CLOUDFLARE_API_TOKEN');
  expect(await text({ account: 'f'.repeat(32) })).toBe(
    `Cloudflare does not accept the token in CLOUDFLARE_API_TOKEN for the deployments of ${name}.\n` +
      `It needs "Workers Scripts: Edit" in the account ${'f'.repeat(32)}.\n` +
      'Make a token under My Profile > API Tokens, set CLOUDFLARE_API_TOKEN where the worker is started, and start the worker again.',
  );
  at.arm('POST /client/v4/graphql', 'lying-status', 1);
  expect(await text()).toBe(
    `Cloudflare could not give the analytics of ${name}: internal server error`,
  );
});

test('each permission that is missing has a text of its own, and nothing is touched', async () => {
  const needs = (what: string, permission: string) =>
    `Cloudflare does not accept the token in CLOUDFLARE_API_TOKEN for ${what}.\n` +
    `It needs "${permission}" in the account ${at.target.account}.\n` +
    'Make a token under My Profile > API Tokens, set CLOUDFLARE_API_TOKEN where the worker is started, and start the worker again.';
  at.cloudflare.permit(documented.filter((one) => one !== 'Workers Scripts: Edit'));
  expect(await look()).toMatchObject([
    { state: 'problem', text: needs(`the deployments of ${name}`, 'Workers Scripts: Edit') },
  ]);
  at.cloudflare.permit(documented.filter((one) => one !== 'Account Analytics: Read'));
  expect(await look()).toMatchObject([
    {
      state: 'problem',
      text:
        "Without Cloudflare's analytics, deploys work, but the watch judges by its probes alone.\n" +
        needs(`the analytics of ${name}`, 'Account Analytics: Read'),
    },
  ]);
  // Without analytics, a plan is still possible, but it has no baseline.
  expect(await at.driver.measureBaseline({ target: at.target, accessLog: null })).toBe(null);
  at.cloudflare.permit(documented);
  expect(at.effects()).toEqual([]);
});

describe('routes that are no custom domains', () => {
  beforeEach(() => {
    at = routed;
    at.cloudflare.permit(documentedForRoutes);
  });
  afterEach(() => void (branch = 'main'));
  const planOf = () => at.driver.guards(at.planOf(0));

  test('need no more than the documented permissions, and no read shows the right to edit', async () => {
    expect(await planOf()).toEqual([]);
    expect(await text()).toMatch(
      /; the token can read the zones of its routes; only the first deploy shows whether the token may deploy and set routes \("Workers Routes: Edit"\)$/,
    );
    at.cloudflare.permit([...documented, 'Workers Routes: Read', 'Zone: Read']);
    expect(await planOf()).toEqual([]);
  });

  test('without "Zone: Read", close the plan with the way to open it', async () => {
    at.cloudflare.permit(without('Zone: Read'));
    const said =
      `cloudflare ${name}: Cloudflare shows no zone for the route "a.example.com/*" in workers/${name}/wrangler.jsonc ` +
      'to the token in CLOUDFLARE_API_TOKEN. wrangler would make the version live, and then fail at the routes. ' +
      `If the zone is in the account ${at.target.account}, add "Zone: Read" for the zone to the token under ` +
      'My Profile > API Tokens. If it is not, correct the route.';
    expect(await planOf()).toEqual([said]);
    expect(await look()).toMatchObject([{ state: 'problem', text: said }]);
    expect(at.effects()).toEqual([]);
  });

  test('without "Workers Routes: Edit", close the plan', async () => {
    at.cloudflare.permit(without('Workers Routes: Edit'));
    const said =
      `Cloudflare does not accept the token in CLOUDFLARE_API_TOKEN for the routes of the zone of "a.example.com/*" in workers/${name}/wrangler.jsonc.\n` +
      'It needs "Workers Routes: Edit" for the zone of each route.\n' +
      'Make a token under My Profile > API Tokens, set CLOUDFLARE_API_TOKEN where the worker is started, and start the worker again.';
    expect(await saidBy(planOf())).toBe(said);
    expect(await look()).toMatchObject([{ state: 'problem', text: said }]);
    expect(at.effects()).toEqual([]);
  });

  test('are unknown if the branch cannot be read, and doctor says so', async () => {
    branch = 'nowhere';
    expect(await text()).toContain(
      '; its wrangler file was not read, so it is unknown whether the token needs permissions for routes (',
    );
  });
});

test('the rows are those of docs/permissions.md', async () => {
  at = routed;
  const rows: Row[] = [];
  for (const permission of documentedForRoutes) {
    at.cloudflare.permit(without(permission));
    const [finding] = await look();
    const clean = (text: string) => text.replaceAll(at.target.account, 'ACCOUNT');
    const guards = at.driver.guards(at.planOf(0));
    const plan = clean(
      await guards.then(
        (problems) => problems.join('\n'),
        (cause: Error) => cause.message,
      ),
    );
    expect(at.effects()).toEqual([]);
    expect(finding).toMatchObject({ state: 'problem' });
    const row = { permission, doctor: clean(finding!.text), plan };
    rows.push({ ...row, deploy: plan === '' ? '' : 'Not started.' });
    at.cloudflare.permit(documentedForRoutes);
    expect(await look()).toMatchObject([{ state: 'ok' }]);
    expect(await at.driver.guards(at.planOf(0))).toEqual([]);
  }
  const { text, file } = await textOf('cloudflare', { [tokens[0]!.name]: rows });
  await expect(text).toMatchFileSnapshot(file);
});
