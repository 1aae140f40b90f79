import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { VendorService } from '../../domain/services/call.ts';
import { platforms } from '../../domain/platforms/index.ts';
import { problemsOf } from './problems.ts';
import { installedVersion, services, sourceOf } from './schema-source.ts';
import type { ServiceName } from './schema-source.ts';
import { isSlackError } from './slack-errors.ts';

const names = Object.keys(services) as ServiceName[];
const generated = names.filter((name) => name !== 'vercel');
const fileOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`schemas/${name}.json`, import.meta.url), 'utf8')) as {
    source: unknown;
    answers: Record<string, unknown>;
  };

describe('the schemas', () => {
  test.each(names)('of %s are of the version that its table names', (name) => {
    expect(installedVersion(name)).toBe(services[name].specification.version);
  });

  // After a change of a version or a table: npm run contract:schemas
  test.each(generated)('of %s are made from the installed version and its calls', (name) => {
    expect(fileOf(name).source).toEqual(sourceOf(name));
  });

  test.each(generated)('of %s have every call whose answer is specified', (name) => {
    const { answers } = fileOf(name);
    const rows = (services[name] as VendorService).calls.filter(
      ({ answer }) => answer === 'specification',
    );
    expect(rows.map(({ call }) => call).filter((call) => !answers[call])).toEqual([]);
  });

  test('are there for every platform with an API', () => {
    const known = Object.values(platforms).flatMap(({ service }) => (service ? [service] : []));
    expect(known.filter((one) => !Object.values(services).includes(one as never))).toEqual([]);
  });
});

describe('an answer is refused', () => {
  const asked = { query: new URLSearchParams(), agent: 'plimsoll', headers: {} };

  test('to a call that no table names', async () => {
    const call = { service: 'github', method: 'GET', path: '/repos/acme/shop/topics' };
    expect(await problemsOf({ ...asked, ...call, status: 200, body: {} })).toEqual([
      'github GET /repos/acme/shop/topics 200: no row in the table of calls names this call',
    ]);
  });

  test('with the status 501 of a stand-in that failed', async () => {
    const call = { service: 'cloudflare', method: 'GET', path: '/client/v4/user/tokens/verify' };
    const found = await problemsOf({ ...asked, ...call, status: 501, body: { message: 'x' } });
    expect(found.length).toBeGreaterThan(0);
  });

  test("with a field in a Worker's script that wrangler does not know", async () => {
    const path = '/client/v4/accounts/a/workers/services/shop';
    const call = { service: 'cloudflare', method: 'GET', path };
    const at = { created_on: '2026-01-01T00:00:00Z', modified_on: '2026-01-01T00:00:00Z' };
    const problemsWith = (more: object) => {
      const script = { id: 'shop', tag: 't', tags: null, compatibility_flags: [], ...at, ...more };
      const result = {
        id: 'shop',
        default_environment: { environment: 'production', ...at, script },
      };
      const body = { success: true, errors: [], messages: [], result };
      return problemsOf({ ...asked, ...call, status: 200, body });
    };
    expect(await problemsWith({})).toEqual([]);
    expect(await problemsWith({ readyForShipping: true })).toEqual([
      'cloudflare GET /accounts/{account_id}/workers/services/{name} 200: ' +
        'default_environment.script: Unrecognized key: "readyForShipping"',
    ]);
  });

  test('with an error word that Slack does not document', async () => {
    const call = { service: 'slack', method: 'POST', path: '/api/chat.postMessage' };
    const body = { ok: false, error: 'channel_is_gone' };
    expect(await problemsOf({ ...asked, ...call, status: 200, body })).toEqual([
      'slack chat.postMessage 200: error: Slack does not document "channel_is_gone"',
    ]);
    expect(isSlackError('chat.postMessage', 'channel_not_found')).toBe(true);
    expect(isSlackError('auth.test', 'channel_not_found')).toBe(false);
  });
});
