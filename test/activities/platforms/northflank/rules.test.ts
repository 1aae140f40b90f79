import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../../worker/config/config.ts';
import { remoteEndpoints } from '../../../../worker/config/endpoints.ts';
import { secretRefs } from '../../../../worker/config/secrets.ts';

const key = (letter: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`;
const at = (changes: object = {}) => ({
  ...{ platform: 'northflank', project: 'openclaw', service: 'gateway' },
  ...{ url: 'https://gateway.example.com', health: '/health' },
  smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
  ...changes,
});
const config = (environments: object) => ({
  authorship: 'git',
  approvers: { ana: { keys: [key('A')] }, ben: { keys: [key('B')] } },
  projects: {
    gateway: {
      ...{ repository: 'http://127.0.0.1:3001/gateway.git', tests: { required: ['test'] } },
      environments,
    },
  },
});
const parsed = (environments: object) => parseConfig(stringify(config(environments)), 'p.yaml');

/** The problems of a configuration, one string per problem. */
function problems(environments: object): string[] {
  try {
    parsed(environments);
    return [];
  } catch (error) {
    const blocks = (error as Error).message.split('\n\n').slice(1, -1);
    return blocks.map((block) => block.replace(/^\S+ {2}/, ''));
  }
}

const production = 'projects.gateway.environments.production';

it('needs project, service, url and health; the rest has its defaults', () => {
  const { projects } = parsed({ production: at() });
  expect(projects['gateway']?.environments['production']).toMatchObject({
    ...{ api: 'https://api.northflank.com', token: 'env:NORTHFLANK_TOKEN', port: 18_789 },
  });
});

it('names its addresses, and the variable that the worker reads', () => {
  const known = parsed({ production: at({ token: 'env:NF' }), staging: at({ service: 'other' }) });
  expect(secretRefs(known)).toEqual(['env:NF', 'env:NORTHFLANK_TOKEN']);
  const api = 'https://api.northflank.com';
  expect(remoteEndpoints(known)).toEqual([api, at().url, api, at().url]);
});

it.each([
  ['project', 'Openclaw', 'Use the id in the page address at Northflank, such as my-service.'],
  ['service', 'a/../b', 'Use the id in the page address at Northflank, such as my-service.'],
  ['team', '../x', 'Use the id in the page address at Northflank, such as my-service.'],
  ['token', 'nf-0123456789', 'Use env:NAME, never the secret itself.'],
  ['health', '//evil.example/', 'Use a path of the same site, such as /healthz.'],
  ['port', 0, 'Too small: expected number to be >=1.'],
])('%s: %s → %s', (name, value, what) => {
  expect(problems({ production: at({ [name]: value }) })).toEqual([
    `${production}.${name}\n  ${what}`,
  ]);
});

it('belongs to one environment', () => {
  expect(problems({ staging: at(), production: at() })).toEqual([
    `${production}.service\n  The service openclaw/gateway belongs to projects.gateway.environments.staging already: ` +
      'two deploys would overwrite each other.\n  Give each environment its own service.',
  ]);
  expect(problems({ staging: at({ team: 'other' }), production: at() })).toEqual([]);
});

it('is asked over an encrypted line', () => {
  expect(problems({ production: at({ api: 'http://api.example.com' }) })).toEqual([
    `${production}.api\n  The token would be sent unencrypted.\n  Use https://.`,
  ]);
  expect(problems({ production: at({ api: 'http://127.0.0.1:8080' }) })).toEqual([]);
});

it.each(['', '(', '[z-a]'])(
  'a pattern of the access log is refused if it is none: %j',
  (accessLog) => {
    expect(problems({ production: at({ watch: { accessLog } }) })).toEqual([
      `${production}.watch.accessLog\n  Plimsoll cannot count requests with this pattern.\n` +
        "  Use a regular expression of JavaScript that is not empty, such as '^GET '.",
    ]);
  },
);
