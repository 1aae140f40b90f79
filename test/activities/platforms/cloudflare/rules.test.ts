import { describe, expect, test } from 'vitest';
import { planTarget } from '../../../../activities/plan/target.ts';
import { Environment } from '../../../../domain/config/environments.ts';
import type { Config, Project } from '../../../../domain/config/config.ts';
import { platformRules } from '../../../../activities/platforms/index.ts';
import { remoteEndpoints } from '../../../../worker/config/endpoints.ts';
import { secretRefs } from '../../../../worker/config/secrets.ts';

const account = '0123456789abcdef0123456789abcdef';
const environment = (more: object = {}) =>
  Environment.parse({
    platform: 'cloudflare',
    account,
    worker: 'agency-router',
    url: 'https://router.example',
    health: '/health',
    smoke: { auth: '/login', payments: '/route', core: '/' },
    ...more,
  });
const configOf = (environments: Record<string, object>) =>
  ({
    projects: { router: { repository: 'https://git.example/workers.git', environments } },
  }) as unknown as Config;
const problems = (environments: Record<string, object>) =>
  platformRules(configOf(environments)).map(({ path, what }) => `${path.join('.')}\n${what}`);
const at = 'projects.router.environments';
const project = configOf({}).projects['router'] as Project;

test('a Worker needs its account, its name, its address and its paths; the rest is usual', () => {
  const usual = environment();
  expect(usual).toMatchObject({
    rollout: 'all-at-once',
    token: 'env:CLOUDFLARE_API_TOKEN',
    api: 'https://api.cloudflare.com/client/v4',
  });
  expect(problems({ production: usual })).toEqual([]);
});

test('what is frozen names the token, never its value', () => {
  const preview = 'https://{version}-agency-router.acme.workers.dev';
  const more = { directory: 'workers/router', env: 'live', rollout: 'gradual', preview };
  expect(planTarget({ project, environment: environment(more) })).toEqual({
    platform: 'cloudflare',
    account,
    worker: 'agency-router',
    directory: 'workers/router',
    env: 'live',
    rollout: 'gradual',
    token: 'env:CLOUDFLARE_API_TOKEN',
    api: 'https://api.cloudflare.com/client/v4',
    repository: 'https://git.example/workers.git',
    url: 'https://router.example',
    preview,
    health: '/health',
    version: null,
    requiredVariables: [],
  });
  expect(planTarget({ project, environment: environment() })).toMatchObject({
    directory: '',
    env: null,
    preview: null,
  });
});

test.each([
  ['account', 'acme', 'use the 32 digits of the account id: npx wrangler whoami'],
  ['worker', 'Agency Router', 'use the name of the worker, such as my-worker'],
  ['directory', '../other', 'use a path inside the repository, such as apps/shop'],
  ['env', '--live', "use the name of an environment in wrangler's file"],
  ['token', 'cf-secret', 'use env:NAME, never the secret itself'],
  [
    'preview',
    'https://router.example',
    'use an address such as https://{version}-my-worker.example.workers.dev',
  ],
])('%s: %s is refused', (key, value, why) => {
  const { error } = Environment.safeParse({ ...environment(), [key]: value });
  expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([[key, why]]);
});

describe('rules', () => {
  test('one Worker belongs to one environment, unless it is in another account', () => {
    const staging = environment();
    expect(problems({ staging, production: environment() })).toEqual([
      `${at}.production.worker\nThe worker agency-router belongs to ${at}.staging already: two deploys would overwrite each other.\nGive each environment a worker of its own.`,
    ]);
    const elsewhere = environment({ account: 'f'.repeat(32) });
    expect(problems({ staging, production: elsewhere })).toEqual([]);
  });

  test('the token travels encrypted, and so do people; this machine may do without', () => {
    const plain = {
      api: 'http://api.example',
      url: 'http://router.example',
      preview: 'http://{version}-router.example',
    };
    expect(problems({ production: environment(plain) })).toEqual([
      `${at}.production.api\nThe token would be sent unencrypted.\nUse https://.`,
      `${at}.production.url\nCloudflare serves production over https.\nUse https://.`,
      `${at}.production.preview\nCloudflare serves the addresses of versions over https.\nUse https://.`,
    ]);
    const here = {
      api: 'http://127.0.0.1:1',
      url: 'http://agency-router.localhost:2',
      preview: 'http://{version}-agency-router.localhost:2',
    };
    expect(problems({ production: environment(here) })).toEqual([]);
  });

  test('an access log is read on hosts', () => {
    expect(problems({ production: environment({ watch: { accessLog: 'GET' } }) })).toEqual([
      `${at}.production.watch.accessLog\nPlimsoll reads no access log on this platform. It reads Cloudflare's analytics instead.\nRemove accessLog.`,
    ]);
  });
});

test('its API, its address and those of its versions are endpoints, its token is a secret', () => {
  const preview = 'https://{version}-agency-router.acme.workers.dev';
  const config = configOf({ production: environment({ preview }) });
  expect(remoteEndpoints(config)).toEqual([
    'https://git.example/workers.git',
    'https://api.cloudflare.com/client/v4',
    'https://router.example',
    preview,
  ]);
  expect(secretRefs(config)).toEqual(['env:CLOUDFLARE_API_TOKEN']);
});
