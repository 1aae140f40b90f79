import { describe, expect, test } from 'vitest';
import { Environment } from '../../../../domain/config/environments.ts';
import type { Config } from '../../../../domain/config/config.ts';
import { platformRules } from '../../../../activities/platforms/index.ts';
import { remoteEndpoints } from '../../../../worker/config/endpoints.ts';
import { secretRefs } from '../../../../worker/config/secrets.ts';

const environment = (more: object = {}) =>
  Environment.parse({
    platform: 'vercel',
    project: 'barber-crm',
    url: 'https://barber.example',
    smoke: { auth: '/login', payments: '/pay', core: '/' },
    ...more,
  });
const configOf = (environments: Record<string, object>) =>
  ({
    projects: { barber: { repository: 'https://git.example/barber.git', environments } },
  }) as unknown as Config;
const problems = (environments: Record<string, object>) =>
  platformRules(configOf(environments)).map(({ path, what }) => `${path.join('.')}\n${what}`);
const at = 'projects.barber.environments';

test('a project at Vercel needs its name, its domain and its paths; the rest is usual', () => {
  expect(environment()).toMatchObject({
    token: 'env:VERCEL_TOKEN',
    api: 'https://api.vercel.com',
    health: '/',
  });
  expect(problems({ production: environment() })).toEqual([]);
});

test.each([
  ['project', 'barber/crm', 'use the name of the project, or its id prj_…'],
  ['team', 'acme inc', 'use the slug of the team, or team_…'],
  ['token', 'vcp_secret', 'use env:NAME, never the secret itself'],
  ['bypass', 'secret', 'use env:NAME, never the secret itself'],
])('%s: %s is refused', (key, value, why) => {
  const { error } = Environment.safeParse({ ...environment(), [key]: value });
  expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([[key, why]]);
});

describe('rules', () => {
  test('one project belongs to one environment, unless it is of another team', () => {
    const staging = environment();
    expect(problems({ staging, production: environment() })).toEqual([
      `${at}.production.project\nThe Vercel project barber-crm belongs to ${at}.staging already: two deploys would overwrite each other.\nGive each environment a project of its own.`,
    ]);
    expect(problems({ staging, production: environment({ team: 'acme' }) })).toEqual([]);
  });

  test('the token travels encrypted, and so do people; this machine may do without', () => {
    const plain = { api: 'http://api.example', url: 'http://barber.example' };
    expect(problems({ production: environment(plain) })).toEqual([
      `${at}.production.api\nThe token would be sent unencrypted.\nUse https://.`,
      `${at}.production.url\nVercel serves production over https only.\nUse https://.`,
    ]);
    const here = { api: 'http://127.0.0.1:1', url: 'http://[::1]:2' };
    expect(problems({ production: environment(here) })).toEqual([]);
  });

  test('an access log is read on hosts', () => {
    expect(problems({ production: environment({ watch: { accessLog: 'GET' } }) })).toEqual([
      `${at}.production.watch.accessLog\nPlimsoll reads no access log on this platform. It reads Vercel's request counts if the Vercel plan includes them.\nRemove accessLog.`,
    ]);
  });
});

test('its API and its domain are endpoints, its token and its bypass secret are secrets', () => {
  const config = configOf({ production: environment({ bypass: 'env:VERCEL_BYPASS' }) });
  expect(remoteEndpoints(config)).toEqual([
    'https://git.example/barber.git',
    'https://api.vercel.com',
    'https://barber.example',
  ]);
  expect(secretRefs(config)).toEqual(['env:VERCEL_TOKEN', 'env:VERCEL_BYPASS']);
});
