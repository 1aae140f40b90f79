import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CloudflareTarget } from '../../../../domain/platforms/cloudflare/target.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { cloudflarePlace, host, name } from './place.ts';
import type { CloudflarePlace } from './place.ts';
import { failureOf } from './fixture.ts';

const [first, second, migrates, astray, elsewhere, odd] = [0, 1, 2, 3, 4, 5];
const file = `workers/${name}/wrangler.jsonc`;
/** A tree whose configuration file has the values of `more`. */
const told = (more: object) => {
  const tree = workers.good(name, 1);
  return { ...tree, [file]: JSON.stringify({ ...JSON.parse(tree[file] as string), ...more }) };
};
let at: CloudflarePlace;
let old = '';
beforeAll(async () => {
  at = await cloudflarePlace([
    workers.good(name, 1),
    workers.good(name, 2),
    workers.migrates(name),
    told({ name: 'another', env: { live: { name } } }),
    told({ account_id: 'f'.repeat(32) }),
    { ...workers.good(name, 1), [file]: '{ "name": ' },
  ]);
});
afterEach(() => at.board.clear());
afterAll(() => at.close());

const guards = (n: number, more: Partial<CloudflareTarget> = {}) =>
  at.driver.guards(at.planOf(n, more));
const short = (n: number) => at.shaOf(n).slice(0, 7);
const nothing = { host, sha: null, runningSha: null, invocationId: null, active: false };

describe('before the first deploy', () => {
  test('nothing is live, nothing is missing but secrets, and nothing keeps the gate closed', async () => {
    expect(await at.driver.inspect(at.target)).toEqual([{ ...nothing, healthy: false, ready: [] }]);
    expect(await guards(first, { rollout: 'gradual' })).toEqual([]);
    const target = { ...at.target, requiredVariables: ['API_KEY'] };
    expect((await at.driver.variables(target)).hosts).toEqual([{ host, missing: ['API_KEY'] }]);
    expect(await at.driver.noReturn?.(at.target, at.shaOf(migrates))).toBe(null);
    expect(await at.driver.measureBaseline({ target: at.target, accessLog: null })).toBe(null);
  });
});

describe('what is live', () => {
  test('is known by the tag of its version, and an earlier version is a rollback target', async () => {
    old = await at.deployed(first);
    const sha = at.shaOf(first);
    expect(await at.driver.inspect(at.target)).toEqual([
      {
        ...{ ...nothing, sha, runningSha: sha, active: true, healthy: true },
        ...{ id: old, ids: { [sha]: old }, ready: [sha] },
      },
    ]);
    const release = { id: 'r', sha, platformId: old };
    expect(await at.driver.rollbackReady(at.target, release)).toEqual([{ host, present: true }]);
    expect(await at.driver.oldAddress(at.target, release)).toEqual({
      url: at.target.preview?.replace('{version}', old.slice(0, 8)),
      headers: {},
    });
    expect(await at.driver.oldAddress({ ...at.target, preview: null }, release)).toEqual({
      url: `https://${old.slice(0, 8)}-${name}.${new URL(at.target.url).host.replace(`${name}.`, '')}.workers.dev`,
      headers: {},
    });
  });

  test('and has a secret has that name, and is of nobody known: another version serves', async () => {
    at.cloudflare.putSecret(name, 'API_KEY', 'never shown');
    const target = { ...at.target, requiredVariables: ['API_KEY', 'RELEASE', 'OTHER'] };
    expect((await at.driver.variables(target)).hosts).toEqual([{ host, missing: ['OTHER'] }]);
    const [state] = await at.driver.inspect(at.target);
    const id = at.truth()?.live[0]?.id ?? '';
    expect(state).toMatchObject({ sha: null, id, foreign: { path: id, sha: null }, healthy: true });
    const adopted = { id: 'r', sha: at.shaOf(first), platformId: id };
    expect(await at.driver.rollbackReady(at.target, adopted)).toEqual([{ host, present: true }]);
  });
});

describe('the rollback', () => {
  const gone = async (n: number, id?: string) => {
    const named = id === undefined ? {} : { platformId: id };
    return (await at.driver.rollbackReady(at.target, { id: 'r', sha: at.shaOf(n), ...named }))[0]
      ?.gone;
  };

  test('is none that has no id, is not there, or is of another commit', async () => {
    const choose = 'Choose another rollback target: --rollback-target live.';
    expect(await gone(second)).toBe(
      `${host}: no version of ${short(second)} was ever live. ${choose}`,
    );
    const lost = 'ffffffff-0000-4000-8000-000000000000';
    expect(await gone(first, lost)).toBe(
      `${host}: Cloudflare does not keep version ${lost} any more. ${choose}`,
    );
    expect(await gone(second, old)).toBe(
      `${host}: version ${old} was not made from ${short(second)}. ${choose}`,
    );
  });

  test('ends with a Durable Object migration, and the plan is told so', async () => {
    expect(await at.driver.noReturn?.(at.target, at.shaOf(second))).toBe(null);
    expect(await at.driver.noReturn?.(at.target, at.shaOf(migrates))).toBe(
      `this release adds the Durable Object migration "v1" to ${name}, which is at migration "none"; ` +
        'Cloudflare cannot roll back across a migration, so a failure needs a new release',
    );
    expect(await guards(migrates)).toEqual([]);
  });
});

describe('what keeps the gate closed', () => {
  test('nothing, where the commit is of this worker', async () => {
    expect(await guards(second, { rollout: 'gradual' })).toEqual([]);
  });

  test.each<[string, number, Partial<CloudflareTarget>, (at: CloudflarePlace) => string]>([
    [
      'a directory that is not there',
      second,
      { directory: 'workers/other' },
      () =>
        `${host}: "workers/other" at ${short(second)} has none of the files wrangler.json, wrangler.jsonc, wrangler.toml. ` +
        'Correct "directory" in plimsoll.yaml: it is relative to the repository\'s root.',
    ],
    [
      'a root without a configuration',
      second,
      { directory: '' },
      () =>
        `${host}: the repository's root at ${short(second)} has none of the files wrangler.json, wrangler.jsonc, wrangler.toml. ` +
        'Correct "directory" in plimsoll.yaml: it is relative to the repository\'s root.',
    ],
    [
      "another worker's configuration",
      astray,
      {},
      () =>
        `${host}: ${file} belongs to the worker another, not to ${name}. ` +
        'Correct "directory", "worker" or "env" in plimsoll.yaml.',
    ],
    [
      'an environment that the configuration does not have',
      second,
      { env: 'live' },
      () => `${host}: ${file} has no environment "live". Correct "env" in plimsoll.yaml.`,
    ],
    [
      'another account',
      elsewhere,
      {},
      ({ target }) =>
        `${host}: ${file} has the account_id ${'f'.repeat(32)}, but plimsoll.yaml has ` +
        `the account ${target.account}. wrangler would use the account in ${file}. Make both the same.`,
    ],
    [
      'a configuration that cannot be read',
      odd,
      {},
      () => `${host}: ${file} at ${short(odd)} cannot be read. Fix it: npx wrangler check`,
    ],
    [
      'Durable Objects that should be tried on some',
      migrates,
      { rollout: 'gradual' },
      () =>
        `${host}: ${file} has Durable Objects. Cloudflare gives the versions of such a worker no address, ` +
        'so Plimsoll cannot test a version before it gets traffic. Use rollout: all-at-once.',
    ],
  ])('%s', async (_, n, more, sentence) => {
    expect(await guards(n, more)).toEqual([sentence(at)]);
  });

  test('not the name of an environment', async () => {
    expect(await guards(astray, { env: 'live' })).toEqual([]);
  });

  test('a token that is not accepted, by its variable', async () => {
    const failure = await failureOf(guards(second, { token: 'env:WRONG_TOKEN' }));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      'Cloudflare does not accept the token in WRONG_TOKEN for anything.\n' +
        `It needs "Workers Scripts: Edit" and "Account Analytics: Read" in the account ${at.target.account}.\n` +
        'Make a token under My Profile > API Tokens, set WRONG_TOKEN where the worker is started, and start the worker again.',
    );
  });
});
