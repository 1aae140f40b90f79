import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readTraffic } from '../../../../activities/platforms/cloudflare/api/analytics.ts';
import { createClient } from '../../../../activities/platforms/cloudflare/api/client.ts';
import { documented } from '../../../../sandbox/platforms/cloudflare/permissions.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import {
  ask,
  cloudflareFixture,
  token,
} from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import type { CloudflareFixture } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { failureOf } from './fixture.ts';
import { localSite } from '../../lib/local-site.ts';

const name = 'personal-assistant';
const minuteMs = 1;
let fixture: CloudflareFixture;
beforeAll(async () => {
  fixture = await cloudflareFixture({ lagMs: 0, minuteMs });
  fixture.write(workers.throwsOnLogin(name));
  await fixture.wrangler(name, ['deploy', '--tag', 'abc', '--message', 'm']);
});
afterEach(() => fixture.board.clear());
afterAll(() => fixture.close());

const access = (more: object = {}) => ({
  api: fixture.cloudflare.api,
  account: fixture.cloudflare.account,
  token,
  variable: 'CF_TOKEN',
  ...more,
});
const client = (more?: object, worker = name) =>
  createClient({ access: access(more), name: worker });
const arm = (kind: Parameters<typeof fixture.board.arm>[0]['kind']) =>
  fixture.board.arm({ service: 'cloudflare', match: '', kind, times: 1 });
const both = '"Workers Scripts: Edit" and "Account Analytics: Read"';
const tokenText = (what: string, needed = both) =>
  `Cloudflare does not accept the token in CF_TOKEN for ${what}.\n` +
  `It needs ${needed} in the account ${fixture.cloudflare.account}.\n` +
  'Make a token under My Profile > API Tokens, set CF_TOKEN where the worker is started, and start the worker again.';

describe('the client reads', () => {
  test('deployments, versions and one version with the keys of a deploy', async () => {
    const [deployment] = (await client().deployments()) ?? [];
    const [version] = (await client().versions()) ?? [];
    expect(deployment?.shares).toEqual([{ versionId: version?.id, percentage: 100 }]);
    expect(version).toMatchObject({ number: 1, tag: 'abc', message: 'm' });
    expect(await client().version(version?.id ?? '')).toEqual({ ...version, migrationTag: null });
  });

  test('null where there is no such worker, version or service', async () => {
    const nobody = client({}, 'nobody');
    expect(await nobody.deployments()).toBeNull();
    expect(await nobody.versions()).toBeNull();
    expect(await nobody.service()).toBeNull();
    expect(await client().version('ffffffff-0000-4000-8000-000000000000')).toBeNull();
  });

  test('names of bindings and secrets, addresses, and who deployed last', async () => {
    fixture.cloudflare.putSecret(name, 'API_KEY', 'never shown');
    expect(await client().secretNames()).toEqual(['API_KEY']);
    expect(await client().bindingNames()).toEqual(['GREETING', 'RELEASE', 'API_KEY']);
    expect(await client().subdomain()).toEqual({ enabled: true, previews: true });
    expect(await client().accountSubdomain()).toMatch(/^localhost:\d+$/);
    expect(await client().service()).toEqual({ migrationTag: null, lastDeployedFrom: 'wrangler' });
    await expect(client().verifyToken()).resolves.toBeUndefined();
  });

  test('exceptions and successes of the edge, by minute and version', async () => {
    const from = Date.now();
    const url = fixture.cloudflare.url(name);
    for (const path of ['/', '/login', '/login', '/nowhere']) await ask(url + path);
    const asked = { from, to: Date.now() + 1000, minuteMs };
    const { minutes, completeUntil } = await readTraffic({ access: access(), name }, asked);
    const sum = (status: string) =>
      minutes
        .filter((row) => row.status === status)
        .reduce((all, { requests, errors }) => [all[0]! + requests, all[1]! + errors], [0, 0]);
    expect(sum('success')).toEqual([2, 0]);
    expect(sum('scriptThrewException')).toEqual([2, 2]);
    const live = (await client().deployments())?.[0]?.shares[0]?.versionId;
    expect(minutes.every(({ version }) => version === live)).toBe(true);
    expect(completeUntil).toBe(Math.max(...minutes.map(({ at }) => at)) - minuteMs);
  });

  test('no completeness while the analytics lag', async () => {
    fixture.cloudflare.setLag(3_600_000);
    const from = Date.now();
    await ask(fixture.cloudflare.url(name));
    const asked = { from, to: Date.now() + 1000, minuteMs };
    const seen = await readTraffic({ access: access(), name }, asked);
    fixture.cloudflare.setLag(0);
    expect(seen).toEqual({ minutes: [], completeUntil: null });
  });
});

describe('the client says', () => {
  test('of a bad token which variable it came from, and never the token', async () => {
    for (const call of [
      client({ token: 'wrong-token' }).deployments(),
      client({ token: 'wrong-token' }).service(),
    ]) {
      const failure = await failureOf(call);
      expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
      expect(failure.message).not.toContain('wrong-token');
    }
    const verify = await failureOf(client({ token: 'wrong-token' }).verifyToken());
    expect(verify.message).toBe(tokenText('anything'));
  });

  test('of another account the same', async () => {
    const failure = await failureOf(client({ account: 'f'.repeat(32) }).secretNames());
    expect(failure.type).toBe('Misconfigured');
    expect(failure.message).toContain(`in the account ${'f'.repeat(32)}.`);
  });

  test('of a worker that is not there where to correct it', async () => {
    const failure = await failureOf(client({}, 'nobody').secretNames());
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      'Cloudflare does not find the secrets of nobody in the account ' +
        `${fixture.cloudflare.account} (404).\n` +
        'Check "account" and "worker" in plimsoll.yaml. To see whether the account has the worker: ' +
        'npx wrangler deployments list --name WORKER',
    );
  });

  test('of too many calls how long to wait', async () => {
    arm('429');
    expect(await failureOf(client().deployments())).toMatchObject({
      type: 'Unavailable',
      nextRetryDelay: 1000,
      message: `Cloudflare limits our calls and refused the request for the deployments of ${name}.`,
    });
  });

  test.each([
    ['500-before', `Cloudflare could not answer the request for the deployments of ${name} (500).`],
    ['500-after', `Cloudflare could not answer the request for the deployments of ${name} (500).`],
    ['drop-before', `Cloudflare did not answer the request for the deployments of ${name}.`],
    ['drop-after', `Cloudflare did not answer the request for the deployments of ${name}.`],
  ] as const)('of %s that it may be asked again', async (kind, message) => {
    arm(kind);
    expect(await failureOf(client().deployments())).toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
      message,
    });
    expect(await client().deployments()).not.toBeNull();
  });

  test('of GraphQL errors, which come with 200, that nothing was learned', async () => {
    arm('lying-status');
    const call = readTraffic({ access: access(), name }, { from: 0, to: 1 });
    expect(await failureOf(call)).toMatchObject({
      type: 'Unavailable',
      message: `Cloudflare could not give the analytics of ${name}: internal server error`,
    });
  });

  test('of numbers that come with an error that they are not all', async () => {
    const data = { viewer: { accounts: [{ workersInvocationsAdaptive: [] }] } };
    const body = JSON.stringify({ data, errors: [{ message: 'quota exceeded' }] });
    const site = await localSite((_, to) => void to.end(body));
    const worker = { access: access({ api: site.url }), name };
    const failure = await failureOf(readTraffic(worker, { from: 0, to: 1 }));
    await site.close();
    expect(failure.message).toBe(
      `Cloudflare could not give the analytics of ${name}: quota exceeded`,
    );
  });

  test('of a token without analytics which variable it came from', async () => {
    const other = { access: access({ token: 'wrong' }), name };
    const failure = await failureOf(readTraffic(other, { from: 0, to: 1 }));
    expect(failure.message).toBe(
      tokenText(`the analytics of ${name}`, '"Account Analytics: Read"'),
    );
  });

  test('of a token without one permission which permission it is', async () => {
    fixture.cloudflare.permit(['Workers Scripts: Edit']);
    const traffic = await failureOf(readTraffic({ access: access(), name }, { from: 0, to: 1 }));
    fixture.cloudflare.permit(['Account Analytics: Read']);
    const secrets = await failureOf(client().secretNames());
    fixture.cloudflare.permit(documented);
    for (const failure of [traffic, secrets])
      expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(traffic.message).toBe(
      tokenText(`the analytics of ${name}`, '"Account Analytics: Read"'),
    );
    expect(secrets.message).toBe(tokenText(`the secrets of ${name}`, '"Workers Scripts: Edit"'));
  });

  test.each([
    [{ message: 'authorization denied' }],
    [{ message: "account 'a1' does not have access to the path. Refer to the documentation" }],
    [{ message: 'some new words', extensions: { code: 'authz' } }],
  ])('of the refusal %j that it is one', async (error) => {
    const site = await localSite(
      (_, to) => void to.end(JSON.stringify({ data: null, errors: [error] })),
    );
    const worker = { access: access({ api: site.url }), name };
    const failure = await failureOf(readTraffic(worker, { from: 0, to: 1 }));
    await site.close();
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
  });

  test.each(['{"success":true,"result":{}}', '{"success":true}', 'not json', ''])(
    'of the answer %j that it is none',
    async (body) => {
      const site = await localSite((_, to) => void to.end(body));
      const failure = await failureOf(client({ api: site.url }).deployments());
      await site.close();
      expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
      expect(failure.message).toMatch(
        /^Cloudflare answered the request for the dep.* in an unknown form \(".*"\)\.$/,
      );
    },
  );

  test('of success: false with 200 that it was refused', async () => {
    const body = '{"success":false,"errors":[{"code":10026,"message":"bad"}],"result":null}';
    const site = await localSite((_, to) => void to.end(body));
    const failure = await failureOf(client({ api: site.url }).deployments());
    await site.close();
    expect(failure).toMatchObject({
      type: 'RejectedByPlatform',
      message: `Cloudflare refused the request for the deployments of ${name} (200, 10026): bad`,
    });
  });

  test('nothing but the reason of a cancel', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const cancel = new AbortController();
    const worker = { access: access({ api: `http://127.0.0.1:${port}` }), name };
    const call = createClient(worker, cancel.signal).deployments();
    cancel.abort(new Error('called off'));
    await expect(call).rejects.toThrow('called off');
    server.closeAllConnections();
    server.close();
  });
});
