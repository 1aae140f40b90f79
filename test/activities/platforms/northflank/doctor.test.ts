import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { doctor } from '../../../../activities/platforms/northflank/doctor.ts';
import { placesOn } from '../../../../activities/platforms/places.ts';
import { isSet } from '../../../../worker/doctor/secrets.ts';
import { secret } from '../../../../worker/config/secrets.ts';
import { parseConfig } from '../../../../worker/config/config.ts';
import {
  northflankFixture,
  token,
} from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import type { NorthflankFixture } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';

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
const deps = (env: NodeJS.ProcessEnv) => ({
  secret: (ref: string) => secret(ref, env),
  isSet: (ref: string) => isSet(ref, env),
});
const look = (change: object = {}, env: object = { NORTHFLANK_TOKEN: token }) =>
  Promise.all(doctor(placesOn(config(change), 'northflank'), deps(env as NodeJS.ProcessEnv)));
const name = 'northflank openclaw/gateway';

test('a service that could be deployed to is in order, and nothing was changed', async () => {
  expect(await look()).toEqual([
    {
      check: name,
      state: 'ok',
      text:
        'the token in NORTHFLANK_TOKEN can read the service; CD is off, a build is pinned, port and probe are set; ' +
        'only the first deploy shows whether the token may deploy',
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
      'Northflank refused the request for the service openclaw/gateway, because it does not know the token in NORTHFLANK_TOKEN (401).\n' +
      'Make a new API token, set NORTHFLANK_TOKEN where the worker is started, and start the worker again.',
  });
});

test('a token that is not set is reported under the secrets', async () => {
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
      'northflank gateway has CD on, so Northflank deploys unapproved merges by itself. ' +
      'Switch CD off on the page of openclaw/gateway, then deploy again.\n' +
      'northflank gateway has no port 18789. Its ports: 8000 (a common mistake). ' +
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
