import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  deployVersions,
  deployWorker,
  uploadVersion,
} from '../../activities/platforms/cloudflare/releases.ts';
import { rollback } from '../../activities/platforms/cloudflare/rollback.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { ask } from '../sandbox/cloudflare-fixture.ts';
import { failureOf, name, startWorkshop } from './cloudflare-fixture.ts';
import type { Workshop } from './cloudflare-fixture.ts';

const [first, second, third, scheduled, broken, still, migrates, renames, greets] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const place = `workers/${name}`;
const packageOf = (more: object) => JSON.stringify({ name, version: '1.0.0', ...more });
const local = { dependencies: { greet: 'file:./greet' } };
/** Needs a package, and has a file that would lead wrangler astray. */
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
let shop: Workshop;
const ids: string[] = [];
beforeAll(async () => {
  shop = await startWorkshop([
    workers.good(name, 1),
    workers.good(name, 2),
    workers.throwsForSome(name),
    workers.scheduled(name),
    workers.doesNotBuild(name),
    workers.doesNotStart(name),
    workers.migrates(name, 1),
    workers.migrates(name, 2),
    greeting,
  ]);
});
afterEach(() => {
  shop.board.clear();
  shop.board.effects.length = 0;
});
afterAll(() => shop.close());

const asked = (n: number) => ({ worker: shop.worker, source: shop.source(n), key: shop.key(n) });
const upload = (n: number) => uploadVersion(shop.deps, asked(n));
const deploy = (n: number) => deployWorker(shop.deps, asked(n));
const split = (shares: [number, number][], n = second) => {
  const wanted = shares.map(([at, percentage]) => ({ versionId: ids[at] ?? '', percentage }));
  const { worker } = shop;
  return deployVersions(shop.deps, {
    worker,
    source: shop.source(n),
    shares: wanted,
    message: 'm',
  });
};
const back = (n: number, worker = shop.worker) =>
  rollback({ worker, versionId: ids[n] ?? '', message: 'back' });
const live = () => shop.truth()?.live.map(({ id, percentage }) => [id, percentage]);
const whole = (n: number) => [[ids[n], 100]];
const api = (path: string) =>
  `/client/v4/accounts/${shop.cloudflare.account}/workers/scripts/${name}${path}`;

describe('a worker, one step after the other,', () => {
  test('is first deployed at once, under our key', async () => {
    const { versionId, uploaded } = await deploy(first);
    ids[first] = versionId;
    expect(uploaded).toBe('done');
    const { tag, message } = shop.key(first);
    expect(shop.truth()?.live).toEqual([{ id: versionId, percentage: 100, tag, message }]);
  });

  test('is not deployed twice for one key', async () => {
    expect(await deploy(first)).toMatchObject({ versionId: ids[first], uploaded: 'already' });
    expect(shop.effects()).not.toContain('createVersion');
  });

  test('gets a version that serves nobody, once', async () => {
    const { versionId, uploaded } = await upload(second);
    ids[second] = versionId;
    expect(uploaded).toBe('done');
    expect(live()).toEqual(whole(first));
    expect(await upload(second)).toEqual({ versionId, uploaded: 'already' });
    expect(shop.effects()).toEqual(['createVersion']);
  });

  test('serves two versions by their shares, then one', async () => {
    expect(
      await split([
        [second, 10],
        [first, 90],
      ]),
    ).toMatchObject({ deployed: 'done' });
    expect(live()).toEqual([
      [ids[second], 10],
      [ids[first], 90],
    ]);
    expect(
      await split([
        [first, 90],
        [second, 10],
      ]),
    ).toMatchObject({ deployed: 'already' });
    expect(await split([[second, 100]])).toMatchObject({ deployed: 'done' });
    expect(live()).toEqual(whole(second));
    expect(shop.effects()).toEqual(['createDeployment', 'createDeployment']);
  });

  test('goes back to the recorded version, and stays there when asked twice', async () => {
    expect(await back(first)).toMatchObject({ deployed: 'done' });
    expect(await back(first)).toMatchObject({ deployed: 'already' });
    expect(live()).toEqual(whole(first));
    expect(shop.effects()).toEqual(['createDeployment']);
  });
});

describe('a version', () => {
  test('of the same commit under another key is another version', async () => {
    const key = { ...shop.key(second), message: 'deploy-later' };
    const { versionId, uploaded } = await uploadVersion(shop.deps, { ...asked(second), key });
    expect(uploaded).toBe('done');
    expect(versionId).not.toBe(ids[second]);
  });

  test('is built with what its lock file pins, and no .env of the commit leads it elsewhere', async () => {
    const { versionId } = await upload(greets);
    const address = shop.cloudflare.previews(name).replace('{version}', versionId.slice(0, 8));
    expect(await ask(address)).toEqual({ status: 200, body: 'greetings' });
  });
});

describe('an answer that lies or is lost', () => {
  test('of the upload: the version that was made is adopted', async () => {
    shop.arm(`POST ${api('/versions')}`, '500-after', 3);
    const { versionId, uploaded } = await upload(third);
    ids[third] = versionId;
    expect(uploaded).toBe('done');
    // wrangler itself tried three times.
    expect(shop.effects()).toEqual(['createVersion', 'createVersion', 'createVersion']);
    expect(await upload(third)).toEqual({ versionId, uploaded: 'already' });
  });

  test('does not hide that the version fails for some', async () => {
    const address = shop.cloudflare
      .previews(name)
      .replace('{version}', (ids[third] ?? '').slice(0, 8));
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(address)));
    expect(answers.filter(({ status }) => status === 500)).toHaveLength(30);
  });

  test.each(['500-after', 'drop-after'] as const)(
    'of the deployment (%s): the traffic moved, so it is done',
    async (kind) => {
      const to = kind === '500-after' ? third : second;
      shop.arm(`POST ${api('/deployments')}`, kind);
      expect(await split([[to, 100]])).toMatchObject({ deployed: 'done' });
      expect(live()).toEqual(whole(to));
    },
  );

  test.each(['500-before', 'drop-before'] as const)(
    'of the deployment (%s): nothing moved, and it is not known to have failed',
    async (kind) => {
      const before = live();
      shop.arm(`POST ${api('/deployments')}`, kind);
      const failure = await failureOf(split([[third, 100]]));
      expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
      expect(failure.message).toMatch(
        /^wrangler got no clear answer when it tried to deploy the v/,
      );
      expect(live()).toEqual(before);
    },
  );

  test('of a deployment that was acknowledged and lost is no success', async () => {
    shop.arm(`POST ${api('/deployments')}`, 'lying-status');
    expect(await failureOf(back(third))).toMatchObject({
      type: 'UnknownOutcome',
      message: 'wrangler says that it could roll back, and Cloudflare does not show it.',
    });
  });

  test('of the traffic of a whole deploy: its version is taken the next time', async () => {
    const key = { ...shop.key(third), message: 'deploy-whole' };
    const whole = () => deployWorker(shop.deps, { ...asked(third), key });
    shop.arm(`POST ${api('/deployments')}`, '500-before');
    expect(await failureOf(whole())).toMatchObject({ type: 'UnknownOutcome' });
    const { versionId, uploaded } = await whole();
    expect(uploaded).toBe('already');
    expect(live()).toEqual([[versionId, 100]]);
    const effects = shop.effects().filter((one) => one.startsWith('create'));
    expect(effects).toEqual(['createVersion', 'createDeployment']);
  });

  test('of the version of a whole deploy: it is not found, which is not known to be final', async () => {
    const before = live();
    const key = { ...shop.key(third), message: 'deploy-lost' };
    shop.arm(`POST ${api('/versions')}`, 'lying-status');
    const failure = await failureOf(deployWorker(shop.deps, { ...asked(third), key }));
    expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
    expect(failure.message).toMatch(
      /^Cloudflare did not find what wrangler had just given it when it tried to deploy the worker:\n/,
    );
    expect(live()).toEqual(before);
  });

  test('of the schedule: the traffic moved, the schedule is set again alone', async () => {
    shop.arm(`PUT ${api('/schedules')}`, '500-before');
    const { versionId, uploaded } = await deploy(scheduled);
    ids[scheduled] = versionId;
    expect(uploaded).toBe('done');
    expect(live()).toEqual(whole(scheduled));
    const effects = shop.effects();
    expect(effects.filter((one) => one === 'createVersion')).toHaveLength(1);
    expect(effects).toContain('put schedules');
  });

  test('of the schedule, again and again, is not passed over', async () => {
    await back(second);
    shop.arm(`PUT ${api('/schedules')}`, '500-before', 9);
    const key = { ...shop.key(scheduled), message: 'deploy-again' };
    const failure = await failureOf(deployWorker(shop.deps, { ...asked(scheduled), key }));
    expect(failure.type).toBe('UnknownOutcome');
    expect(failure.message).toContain('set the routes and schedules of what is live');
    await back(second);
  });
});

describe('a release is to blame when', () => {
  test('it does not build', async () => {
    const failure = await failureOf(upload(broken));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toMatch(/^wrangler could not upload a version; its last lines:\n/);
    expect(failure.message).toContain('./missing.js');
    expect(shop.effects()).toEqual([]);
  });

  test('it does not start', async () => {
    const failure = await failureOf(upload(still));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toContain('no configuration');
    expect(live()).toEqual(whole(second));
  });
});

describe('the platform refuses', () => {
  test('a bad token, naming the variable and never the value', async () => {
    const access = { ...shop.worker.access, token: 'wrong-token' };
    const failure = await failureOf(back(third, { ...shop.worker, access }));
    expect(failure.type).toBe('Misconfigured');
    expect(failure.message).toContain('the token in CLOUDFLARE_API_TOKEN');
    expect(failure.message).not.toContain('wrong-token');
  });

  test('to overwrite what somebody changed outside', async () => {
    const id = shop.cloudflare.edit(name, { by: 'api', vars: { TOGGLE: 'on' } });
    const failure = await failureOf(deploy(second));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toBe(
      `Somebody changed ${name} in Cloudflare's dashboard or by its API, and this release would undo ` +
        "that: wrangler refused to deploy the worker.\nTake the change into wrangler's configuration " +
        'file, then deploy that commit once by hand: npx wrangler deploy',
    );
    expect(live()).toEqual([[id, 100]]);
    // Not even where an earlier attempt of this deploy had made its version already.
    expect(shop.effects()).toEqual(['createVersion', 'createDeployment']);
    await back(second);
  });

  test('a version from before a secret changed, unless it is the way back', async () => {
    await back(second);
    shop.cloudflare.putSecret(name, 'API_KEY', 'never shown');
    const failure = await failureOf(split([[second, 100]]));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toContain('The following secrets have changed: API_KEY');
    expect(await back(second)).toMatchObject({ deployed: 'done' });
    expect(live()).toEqual(whole(second));
  });

  test('a version that it does not have', async () => {
    const id = 'ffffffff-0000-4000-8000-000000000000';
    const failure = await failureOf(
      rollback({ worker: shop.worker, versionId: id, message: 'back' }),
    );
    expect(failure.message).toBe(
      `${name} has no version ${id}: Cloudflare does not keep it any more.\n` +
        `See what it has: npx wrangler versions list --name ${name}`,
    );
  });

  test('to try a Durable Object migration on some', async () => {
    expect((await failureOf(upload(migrates))).message).toBe(
      `This release of ${name} has a Durable Object migration, which takes effect for everybody at ` +
        'once: it cannot be tried first.\nSet rollout: all-at-once for it in plimsoll.yaml.',
    );
    ids[migrates] = (await deploy(migrates)).versionId;
    expect(live()).toEqual(whole(migrates));
  });

  test('a way back behind a migration', async () => {
    expect(await failureOf(back(second))).toMatchObject({
      type: 'RejectedByPlatform',
      nonRetryable: true,
    });
    ids[renames] = (await deploy(renames)).versionId;
    expect((await failureOf(back(migrates))).message).toBe(
      `${name} cannot go back to version ${ids[migrates]}: it knows the Durable Object migration "v1", ` +
        'and the worker is at "v2".\nCloudflare does not undo such a migration: repair it forward, with ' +
        'a new commit.',
    );
    expect(live()).toEqual(whole(renames));
  });
});
