import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { northflank } from '../../../worker/doctor/northflank.ts';
import { parseConfig } from '../../../worker/config.ts';
import { northflankFixture, token } from '../../sandbox/northflank-fixture.ts';
import type { NorthflankFixture } from '../../sandbox/northflank-fixture.ts';

let fixture: NorthflankFixture;
beforeAll(async () => {
  fixture = await northflankFixture();
  await fixture.northflank.seed('gateway', fixture.shas[0]!);
});
afterAll(() => fixture.close());

const key = (end: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${end}`;
const config = (change: object = {}) =>
  parseConfig(
    stringify({
      sandbox: true,
      approvers: {
        ana: { keys: [key('DeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5')] },
        ben: { keys: [key('A8VUVF/dkqAj5CQztdTpVLZKrsqAj3BVejjSYHuYvdZ')] },
      },
      projects: {
        gateway: {
          repository: 'http://127.0.0.1:1/acme/openclaw-gateway.git',
          github: 'acme/openclaw-gateway',
          tests: { required: ['unit'] },
          environments: {
            production: {
              ...{ platform: 'northflank', project: 'openclaw', service: 'gateway' },
              ...{ api: fixture.northflank.address, url: fixture.northflank.url('gateway') },
              ...{ health: '/healthz', smoke: { auth: '/', payments: '/', core: '/' } },
              ...change,
            },
          },
        },
      },
    }),
    'plimsoll.yaml',
  );
const look = (change: object = {}, env: object = { NORTHFLANK_TOKEN: token }) =>
  Promise.all(northflank(config(change), env as NodeJS.ProcessEnv));
const name = 'northflank openclaw/gateway';

test('a service that could be deployed to is in order, and nothing was changed', async () => {
  expect(await look()).toEqual([
    {
      check: name,
      state: 'ok',
      text:
        'NORTHFLANK_TOKEN reads it; CD off, pinned, port and probe set; ' +
        'whether it may deploy shows at the first deploy',
    },
  ]);
  expect(fixture.effects()).toEqual([]);
});

test('a token that is not known names its variable, never itself', async () => {
  const [finding] = await look({}, { NORTHFLANK_TOKEN: 'nf-wrong-token' });
  expect(finding).toEqual({
    check: name,
    state: 'problem',
    text:
      'Northflank does not know the token in NORTHFLANK_TOKEN (401), so the service openclaw/gateway cannot be had.\n' +
      'Make a new API token, set NORTHFLANK_TOKEN where the worker is started and start it again.',
  });
});

test('a token that is not set is told where the secrets are', async () => {
  expect(await look({}, {})).toEqual([
    { check: name, state: 'unchecked', text: 'needs NORTHFLANK_TOKEN' },
  ]);
});

test('all that would close the gate is listed', async () => {
  fixture.northflank.set('gateway', { disabledCD: false, port: 8000 });
  const [finding] = await look();
  fixture.northflank.set('gateway', { disabledCD: true, port: 18_789 });
  expect(finding).toEqual({
    check: name,
    state: 'problem',
    text:
      'northflank gateway has CD on, so Northflank ships unapproved merges by itself. ' +
      'Switch CD off on the page of openclaw/gateway, then deploy again.\n' +
      'northflank gateway has no port 18789; it has 8000 (the classic mistake). ' +
      'Add port 18789 under "Ports & DNS" of the service, or correct "port" in plimsoll.yaml.',
  });
});

test('a service that is not there names the keys to check', async () => {
  expect(await look({ service: 'gatewey' })).toMatchObject([
    {
      check: 'northflank openclaw/gatewey',
      state: 'problem',
      text: expect.stringMatching(/^Northflank has no service gatewey in project openclaw for/),
    },
  ]);
});
