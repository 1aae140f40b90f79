import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { doctor } from '../../../../activities/platforms/northflank/doctor.ts';
import { placesOn } from '../../../../activities/platforms/places.ts';
import { isSet } from '../../../../worker/doctor/secrets.ts';
import { secret } from '../../../../worker/config/secrets.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';
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

const granted =
  'the token in NORTHFLANK_TOKEN has every read permission that a deploy needs: ' +
  '"Project > Services > General > Read", ' +
  '"Project > Services > Deployment > View Instances" (newer roles call it "Project > Services > General > Read"), ' +
  '"Project > Services > Deployment > View Instance Logs" (newer roles call it "Project > Services > Deployment > View Observability")';
const unknown =
  'unknown until the first deploy: ' +
  '"Project > Services > Deployment > Deploy Build" (newer roles call it "Project > Services > General > Update"), ' +
  '"Project > Services > Deployment > Update Deployment" (newer roles call it "Project > Services > General > Update"), ' +
  '"Project > Services > General > Update"';
const ready = {
  check: name,
  state: 'ok',
  text: 'CD is off, a build is pinned, port and probe are set, and no gradual rollout is attached',
};

test('a service that could be deployed to is in order, and nothing was changed', async () => {
  expect(await look()).toEqual([
    { check: `${name}: permissions`, state: 'ok', text: `${granted}; ${unknown}` },
    ready,
  ]);
  expect(fixture.effects()).toEqual([]);
});

test('a token that is not known names its variable, never itself', async () => {
  expect(await look({}, { NORTHFLANK_TOKEN: 'nf-wrong-token' })).toEqual([
    {
      check: `${name}: permissions`,
      state: 'problem',
      text:
        'Northflank refused the request for the service openclaw/gateway, because it does not know the token in NORTHFLANK_TOKEN (401).\n' +
        'Make a new API token, set NORTHFLANK_TOKEN where the worker is started, and start the worker again.',
    },
    { check: name, state: 'unchecked', text: 'needs the permissions of NORTHFLANK_TOKEN' },
  ]);
});

test('every permission that is missing is named at once, each with its remedy', async () => {
  fixture.northflank.rule({ role: ['Project > Services > General > Read'] });
  const [finding] = await look({ requiredVariables: ['GATEWAY_TOKEN'] });
  fixture.northflank.rule({ role: allPermissions('0.9') });
  const refused = (what: string, remedy: string) =>
    `Northflank refused the request for ${what} openclaw/gateway, because the token in NORTHFLANK_TOKEN has no permission (401).\n` +
    `Give the token's role the permission ${remedy}`;
  expect(finding).toEqual({
    check: `${name}: permissions`,
    state: 'problem',
    text: [
      refused(
        'the containers of',
        '"Project > Services > Deployment > View Instances" ' +
          '(newer roles call it "Project > Services > General > Read") for project openclaw.',
      ),
      refused(
        'the log of',
        '"Project > Services > Deployment > View Instance Logs" ' +
          '(newer roles call it "Project > Services > Deployment > View Observability") for project openclaw. ' +
          'Northflank names "ps_services_deployment_view-observability".',
      ),
      refused(
        'the names of the variables of',
        '"Project > Secrets > Services > Read" for project openclaw.',
      ),
    ].join('\n'),
  });
});

test('permissions to write are read where Northflank shows them', async () => {
  fixture.northflank.rule({ version: '0.11', role: allPermissions('0.11') });
  const shown = await look();
  const role = allPermissions('0.11').filter((one) => !one.endsWith('General > Update'));
  fixture.northflank.rule({ role });
  const [hidden] = await look();
  fixture.northflank.rule({ version: '0.9', role: allPermissions('0.9') });
  const deploys =
    'Northflank shows that the token may build and deploy (ps_services_general_update)';
  expect(shown).toEqual([
    { check: `${name}: permissions`, state: 'ok', text: `${granted}; ${deploys}` },
    ready,
  ]);
  expect(hidden!.text).toBe(
    `${granted}; ${unknown} (Northflank does not show ps_services_general_update for the token)`,
  );
});

test('a token that is not set is reported under the secrets', async () => {
  expect(await look({}, {})).toEqual([
    { check: name, state: 'unchecked', text: 'needs NORTHFLANK_TOKEN' },
  ]);
});

test('all that would close the gate is listed', async () => {
  fixture.northflank.set('gateway', { disabledCD: false, port: 8000 });
  const [, finding] = await look();
  fixture.northflank.set('gateway', { disabledCD: true, port: 18_789 });
  expect(finding).toEqual({
    check: name,
    state: 'problem',
    text:
      'northflank gateway has CD on, so Northflank automatically deploys unapproved merges. ' +
      'Switch CD off on the page of openclaw/gateway, then deploy again.\n' +
      'northflank gateway has no port 18789. Its ports: 8000 (a common mistake). ' +
      'Add port 18789 under "Ports & DNS" of the service, or correct "port" in plimsoll.yaml.',
  });
});

test('a service that is not there names the keys to check', async () => {
  expect(await look({ service: 'gatewey' })).toMatchObject([
    {
      check: 'northflank openclaw/gatewey: permissions',
      state: 'problem',
      text: expect.stringMatching(/^Northflank has no service gatewey in project openclaw for/),
    },
    { check: 'northflank openclaw/gatewey', state: 'unchecked' },
  ]);
});
