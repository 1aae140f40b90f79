import { beforeAll, describe, expect, test } from 'vitest';
import {
  deployWorker,
  uploadVersion,
} from '../../../../activities/platforms/cloudflare/releases.ts';
import { wranglerRollback } from '../../../../activities/platforms/cloudflare/wrangler-rollback.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { documented } from '../../../../sandbox/platforms/cloudflare/permissions.ts';
import { ask } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { failureOf, name } from './fixture.ts';
import { releases } from './releases-fixture.ts';

const [first, second, third, scheduled, broken, still, migrates, renames, greets] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const [drafts, overrides, next, exported] = [9, 10, 11, 12];
const place = `workers/${name}`;
const packageOf = (more: object) => JSON.stringify({ name, version: '1.0.0', ...more });
const local = { dependencies: { greet: 'file:./greet' } };
/** A Worker that needs a package. It also has a file that could mislead wrangler. */
const greeting = {
  ...workers.good(name, 3),
  [`${place}/src/index.js`]:
    "import greet from 'greet';\nexport default { fetch: () => greet() };\n",
  [`${place}/greet/index.js`]: "export default () => new Response('greetings');\n",
  [`${place}/greet/package.json`]: JSON.stringify({ name: 'greet', version: '1.0.0' }),
  [`${place}/package.json`]: packageOf(local),
  [`${place}/package-lock.json`]: packageOf({
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name, version: '1.0.0', ...local },
      greet: { version: '1.0.0' },
      'node_modules/greet': { resolved: 'greet', link: true },
    },
  }),
  [`${place}/.env`]: 'CLOUDFLARE_API_HEADERS={"authorization":"Bearer stolen"}\n',
};
/** A good release whose configuration file has the values of `more`. */
const told = (more: object) => {
  const tree = workers.good(name, 1);
  const file = `${place}/wrangler.jsonc`;
  return { ...tree, [file]: JSON.stringify({ ...JSON.parse(tree[file] as string), ...more }) };
};
const adapter = '@opennextjs/cloudflare';
const linked = { dependencies: { [adapter]: 'file:./adapter' } };
const adapterPackage = {
  name: adapter,
  version: '1.0.0',
  bin: { 'opennextjs-cloudflare': 'index.js' },
};
/** A project for which wrangler would call `opennextjs-cloudflare deploy`. */
const openNext = {
  ...told({}),
  [`${place}/next.config.js`]: '',
  [`${place}/open-next.config.ts`]: '',
  [`${place}/adapter/package.json`]: JSON.stringify(adapterPackage),
  [`${place}/adapter/index.js`]: '#!/bin/sh\nexit 7\n',
  [`${place}/package.json`]: packageOf(linked),
  [`${place}/package-lock.json`]: packageOf({
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name, version: '1.0.0', ...linked },
      adapter: adapterPackage,
      [`node_modules/${adapter}`]: { resolved: 'adapter', link: true },
    },
  }),
};
const counter = { Counter: { type: 'durable-object', storage: 'sqlite' } };
const withObject = {
  ...workers.migrates(name),
  [`${place}/wrangler.jsonc`]: (
    told({
      durable_objects: { bindings: [{ name: 'COUNTER', class_name: 'Counter' }] },
      exports: counter,
    }) as Record<string, string>
  )[`${place}/wrangler.jsonc`] as string,
};
const at = releases([
  workers.good(name, 1),
  workers.good(name, 2),
  workers.throwsForSome(name),
  workers.scheduled(name),
  workers.doesNotBuild(name),
  workers.doesNotStart(name),
  workers.migrates(name, 1),
  workers.migrates(name, 2),
  greeting,
  told({ kv_namespaces: [{ binding: 'CACHE' }], d1_databases: [{ binding: 'DB' }] }),
  told({ vars: { API_KEY: 'not a secret' } }),
  openNext,
  withObject,
]);
const { ids, asked, upload, deploy, split, back, live, whole, api } = at;

beforeAll(async () => {
  ids[first] = (await deploy(first)).versionId;
  ids[second] = (await upload(second)).versionId;
  at.shop.board.effects.length = 0;
});

describe('a version', () => {
  test('of the same commit under another key is another version', async () => {
    const key = { ...at.shop.key(second), message: 'deploy-later' };
    const { versionId, uploaded } = await uploadVersion(at.shop.deps, { ...asked(second), key });
    expect(uploaded).toBe('done');
    expect(versionId).not.toBe(ids[second]);
  });

  test('is built with what its lock file pins, and no .env of the commit leads it elsewhere', async () => {
    const { versionId } = await upload(greets);
    const address = at.shop.cloudflare.previews(name).replace('{version}', versionId.slice(0, 8));
    expect(await ask(address)).toEqual({ status: 200, body: 'greetings' });
  });
});

describe('an answer that lies or is lost', () => {
  test('of the upload: the version that was made is adopted', async () => {
    at.shop.arm(`POST ${api('/versions')}`, '500-after', 3);
    const { versionId, uploaded } = await upload(third);
    ids[third] = versionId;
    expect(uploaded).toBe('done');
    // wrangler itself made these three attempts.
    expect(at.shop.effects()).toEqual(['createVersion', 'createVersion', 'createVersion']);
    expect(await upload(third)).toEqual({ versionId, uploaded: 'already' });
  });

  test('does not hide that the version fails for some', async () => {
    const address = at.shop.cloudflare
      .previews(name)
      .replace('{version}', (ids[third] ?? '').slice(0, 8));
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(address)));
    expect(answers.filter(({ status }) => status === 500)).toHaveLength(30);
  });

  test.each(['500-after', 'drop-after'] as const)(
    'of the deployment (%s): the traffic moved, so it is done',
    async (kind) => {
      const to = kind === '500-after' ? third : second;
      at.shop.arm(`POST ${api('/deployments')}`, kind);
      expect(await split([[to, 100]])).toMatchObject({ deployed: 'done' });
      expect(live()).toEqual(whole(to));
    },
  );

  test.each(['500-before', 'drop-before'] as const)(
    'of the deployment (%s): nothing moved, and it is not known to have failed',
    async (kind) => {
      const before = live();
      at.shop.arm(`POST ${api('/deployments')}`, kind);
      const failure = await failureOf(split([[third, 100]]));
      expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
      expect(failure.message).toMatch(
        /^wrangler got no clear answer when it tried to deploy the v/,
      );
      expect(live()).toEqual(before);
    },
  );

  test('of the traffic of a whole deploy: its version is taken the next time', async () => {
    const key = { ...at.shop.key(third), message: 'deploy-whole' };
    const whole = () => deployWorker(at.shop.deps, { ...asked(third), key });
    at.shop.arm(`POST ${api('/deployments')}`, '500-before');
    expect(await failureOf(whole())).toMatchObject({ type: 'UnknownOutcome' });
    const { versionId, uploaded } = await whole();
    expect(uploaded).toBe('already');
    expect(live()).toEqual([[versionId, 100]]);
    const effects = at.shop.effects().filter((one) => one.startsWith('create'));
    expect(effects).toEqual(['createVersion', 'createDeployment']);
  });

  test('of the version of a whole deploy: it is not found, which is not known to be final', async () => {
    const before = live();
    const key = { ...at.shop.key(third), message: 'deploy-lost' };
    at.shop.arm(`POST ${api('/versions')}`, 'lying-status');
    const failure = await failureOf(deployWorker(at.shop.deps, { ...asked(third), key }));
    expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
    expect(failure.message).toMatch(
      /^Cloudflare did not find the new upload when wrangler tried to deploy the worker:\n/,
    );
    expect(live()).toEqual(before);
  });

  test('of the schedule: the traffic moved, the schedule is set again alone', async () => {
    at.shop.arm(`PUT ${api('/schedules')}`, '500-before');
    const { versionId, uploaded } = await deploy(scheduled);
    ids[scheduled] = versionId;
    expect(uploaded).toBe('done');
    expect(live()).toEqual(whole(scheduled));
    const effects = at.shop.effects();
    expect(effects.filter((one) => one === 'createVersion')).toHaveLength(1);
    expect(effects).toContain('put schedules');
  });

  test('of the schedule, again and again, is not passed over', async () => {
    await back(second);
    at.shop.arm(`PUT ${api('/schedules')}`, '500-before', 9);
    const key = { ...at.shop.key(scheduled), message: 'deploy-again' };
    const failure = await failureOf(deployWorker(at.shop.deps, { ...asked(scheduled), key }));
    expect(failure.type).toBe('UnknownOutcome');
    expect(failure.message).toContain('set the routes and schedules of the live version');
    await back(second);
  });
});

describe('a release is to blame when', () => {
  test('it does not build', async () => {
    const failure = await failureOf(upload(broken));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toMatch(/^wrangler could not bundle the worker\. Its last lines:\n/);
    expect(failure.message).toContain('./missing.js');
    expect(at.shop.effects()).toEqual([]);
  });

  test('it does not start', async () => {
    const failure = await failureOf(upload(still));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toContain('no configuration');
    expect(live()).toEqual(whole(second));
  });
});

describe('wrangler', () => {
  test('creates no resource for a binding without an id, although its token may', async () => {
    const { cloudflare } = at.shop;
    cloudflare.permit([...documented, 'Workers KV Storage: Edit', 'D1: Edit']);
    const failure = await failureOf(deploy(drafts));
    cloudflare.permit(documented);
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toMatch(/^wrangler could not deploy the worker\. Its last lines:\n/);
    expect(failure.message).toContain('CACHE bindings must have an "id" field');
    expect(at.shop.effects()).toEqual([]);
  });

  test('does not call the deploy command of OpenNext', async () => {
    const { versionId } = await deploy(next);
    expect(live()).toEqual([[versionId, 100]]);
    await back(second);
  });

  test('deploys Durable Objects in "exports"; they do not share the traffic with other ones', async () => {
    ids[exported] = (await deploy(exported)).versionId;
    expect(live()).toEqual(whole(exported));
    const failure = await failureOf(
      split([
        [second, 10],
        [exported, 90],
      ]),
    );
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toContain('must declare identical `exports`');
    await back(second);
  });

  test('that may not deploy says which permission its token lacks', async () => {
    at.shop.cloudflare.permit(['Workers Scripts: Read', 'Account Analytics: Read']);
    const key = { ...at.shop.key(first), message: 'deploy-read-only' };
    const failure = await failureOf(deployWorker(at.shop.deps, { ...asked(first), key }));
    at.shop.cloudflare.permit(documented);
    expect(failure.message).toBe(
      'Cloudflare does not accept the token in CLOUDFLARE_API_TOKEN for the command to deploy the worker.\n' +
        `It needs "Workers Scripts: Edit" in the account ${at.shop.cloudflare.account}.\n` +
        'Make a token under My Profile > API Tokens, set CLOUDFLARE_API_TOKEN where the worker is started, ' +
        'and start the worker again.',
    );
    expect(at.shop.effects()).toEqual([]);
  });
});

describe('the platform refuses', () => {
  test('a bad token, naming the variable and never the value', async () => {
    const access = { ...at.shop.worker.access, token: 'wrong-token' };
    const failure = await failureOf(back(third, { ...at.shop.worker, access }));
    expect(failure.type).toBe('Misconfigured');
    expect(failure.message).toContain('the token in CLOUDFLARE_API_TOKEN');
    expect(failure.message).not.toContain('wrong-token');
  });

  test('a version from before a secret changed, unless it is the rollback', async () => {
    await back(second);
    at.shop.cloudflare.putSecret(name, 'API_KEY', 'never shown');
    const failure = await failureOf(split([[second, 100]]));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toContain('The following secrets have changed: API_KEY');
    expect(await back(second)).toMatchObject({ deployed: 'done' });
    expect(live()).toEqual(whole(second));
  });

  test('a variable with the name of a secret, with the lines of wrangler', async () => {
    const failure = await failureOf(deploy(overrides));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    const [why, remedy, head] = failure.message.split('\n');
    expect([why, remedy, head]).toEqual([
      `wrangler's configuration file has a variable or a binding with the name of a secret of ${name}: ` +
        'API_KEY. This release would replace the secret, so wrangler refused to deploy the worker.',
      "Rename it in wrangler's configuration file, or remove it there. If the secret must go, delete " +
        `it: npx wrangler secret delete API_KEY --name ${name}`,
      'The last lines of wrangler:',
    ]);
    expect(failure.message).toContain(
      'Environment variable `API_KEY` conflicts with an existing remote secret. ' +
        'This deployment will replace the remote secret with your environment variable.',
    );
    expect(live()).toEqual(whole(second));
  });

  test('to edit a secret while an older version is live', async () => {
    const put = { method: 'PUT', body: { name: 'API_KEY', text: 'new', type: 'secret_text' } };
    const answer = await at.shop.api(`/accounts/{account}/workers/scripts/${name}/secrets`, put);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 10215 }] } });
  });

  test('a version that it does not have', async () => {
    const id = 'ffffffff-0000-4000-8000-000000000000';
    const failure = await failureOf(
      wranglerRollback({ worker: at.shop.worker, versionId: id, message: 'back' }),
    );
    expect(failure.message).toBe(
      `${name} has no version ${id}: Cloudflare does not keep it any more.\n` +
        `See its versions: npx wrangler versions list --name ${name}`,
    );
  });

  test('to try a Durable Object migration on some', async () => {
    expect((await failureOf(upload(migrates))).message).toBe(
      `This release of ${name} has a Durable Object migration, which takes effect for everybody at ` +
        'once. So Plimsoll cannot test it on a part of the traffic.\n' +
        `Set rollout: all-at-once for ${name} in plimsoll.yaml.`,
    );
    ids[migrates] = (await deploy(migrates)).versionId;
    expect(live()).toEqual(whole(migrates));
  });

  test('a rollback across a migration', async () => {
    expect(await failureOf(back(second))).toMatchObject({
      type: 'RejectedByPlatform',
      nonRetryable: true,
    });
    ids[renames] = (await deploy(renames)).versionId;
    expect((await failureOf(back(migrates))).message).toBe(
      `${name} cannot roll back to version ${ids[migrates]}. That version has the Durable Object migration "v1", ` +
        'but the worker is at "v2".\nCloudflare cannot reverse such a migration. Fix the problem with ' +
        'a new commit.',
    );
    expect(live()).toEqual(whole(renames));
  });
});
