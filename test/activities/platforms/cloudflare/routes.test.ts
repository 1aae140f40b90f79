import { expect, test } from 'vitest';
import { ofRoutes } from '../../../../activities/platforms/cloudflare/routes.ts';
import type { At } from '../../../../activities/platforms/cloudflare/place.ts';
import { readWranglerFile } from '../../../../activities/platforms/cloudflare/wrangler-file.ts';
import { cloudflareTarget } from '../../../support/fake-cloudflare.ts';

/** The zones of the account. */
const zones: Record<string, string> = { 'example.com': 'z1', 'example.co.uk': 'z2' };

/** Returns the problems of a wrangler file, and what was asked of Cloudflare, in order. */
async function look(file: object, env: string | null = null) {
  const asked: string[] = [];
  const client = {
    zoneId: async (name: string) => {
      asked.push(name);
      return zones[name] ?? null;
    },
    zoneRoutes: async (id: string) => void asked.push(`routes of ${id}`),
  };
  const git = {
    readFile: async (_: string, __: string, path: string) =>
      path.endsWith('wrangler.json') ? JSON.stringify(file) : null,
  };
  const read = await readWranglerFile(git, { ...cloudflareTarget, env }, 'a'.repeat(40));
  if ('problem' in read) return { problems: [read.problem], asked };
  const at = { target: cloudflareTarget, client } as unknown as At;
  return { problems: await ofRoutes(at, read), asked };
}

test.each<[string, object, string[]]>([
  ['no routes', {}, []],
  ['only custom domains', { routes: [{ pattern: 'a.example.com', custom_domain: true }] }, []],
  ['one route', { route: 'example.com/*' }, ['example.com', 'routes of z1']],
  ['an empty route', { route: '' }, []],
  ['a list, which counts alone', { route: 'other.org/*', routes: [] }, []],
  [
    'a host below the zone',
    { routes: ['https://*.a.example.com/x*'] },
    ['a.example.com', 'example.com', 'routes of z1'],
  ],
  ['any host below the zone', { routes: ['*example.com/*'] }, ['example.com', 'routes of z1']],
  [
    'the name of the zone',
    { routes: [{ pattern: '*/x', zone_name: 'example.co.uk' }] },
    ['example.co.uk', 'routes of z2'],
  ],
  ['the id of the zone', { routes: [{ pattern: '*/x', zone_id: 'z9' }] }, ['routes of z9']],
  [
    'several routes in a zone, which is read once',
    { routes: ['example.com/a', 'example.com/b', { pattern: 'example.com/c', zone_id: 'z1' }] },
    ['example.com', 'routes of z1'],
  ],
])('a file with %s is read as wrangler reads it', async (_, file, asked) => {
  expect(await look(file)).toEqual({ problems: [], asked });
});

test('an environment inherits the routes, or has its own', async () => {
  const file = { routes: ['example.com/*'], env: { live: {}, test: { routes: [] } } };
  expect((await look(file, 'live')).asked).toEqual(['example.com', 'routes of z1']);
  expect((await look(file, 'test')).asked).toEqual([]);
});

test('a route without a zone keeps the gate closed', async () => {
  const late = 'wrangler would make the version live, and then fail at the routes. ';
  const where = 'workers/agency-router/wrangler.json';
  expect(await look({ routes: ['*/x', 'a.other.org/*'] })).toEqual({
    problems: [
      `cloudflare agency-router: ${where} has the route "*/x", which names no zone. ${late}` +
        'Add "zone_name" to the route.',
      `cloudflare agency-router: Cloudflare shows no zone for the route "a.other.org/*" in ${where} ` +
        `to the token in CLOUDFLARE_API_TOKEN. ${late}If the zone is in the account ${cloudflareTarget.account}, ` +
        'add "Zone: Read" for the zone to the token under My Profile > API Tokens. If it is not, correct the route.',
    ],
    asked: ['a.other.org', 'other.org'],
  });
});
