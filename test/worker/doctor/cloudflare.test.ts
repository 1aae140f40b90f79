import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../../domain/schema.ts';
import { cloudflare } from '../../../worker/doctor/cloudflare.ts';
import { cloudflarePlace, host, name } from '../../activities/cloudflare-place.ts';
import type { CloudflarePlace } from '../../activities/cloudflare-place.ts';
import { token } from '../../sandbox/cloudflare-fixture.ts';
import { workers } from '../../../sandbox/samples/workers.ts';

let at: CloudflarePlace;
beforeAll(async () => {
  at = await cloudflarePlace([workers.good(name)]);
});
afterAll(() => at.close());

const env = { CLOUDFLARE_API_TOKEN: token };
const look = (more: object = {}, given: NodeJS.ProcessEnv = env) => {
  const production = { ...at.target, ...more };
  const assistant = { branch: 'main', environments: { production } };
  const staging = { environments: { staging: { platform: 'vps' } } };
  return Promise.all(cloudflare({ projects: { assistant, staging } } as unknown as Config, given));
};
const text = async (...asked: Parameters<typeof look>) => (await look(...asked))[0]?.text;

test('a worker that is not there yet is in order', async () => {
  expect(await look({ rollout: 'gradual' })).toEqual([
    {
      check: host,
      state: 'ok',
      text:
        `wrangler is there; CLOUDFLARE_API_TOKEN reads it and its analytics; ` +
        `${name} is not there yet: its first deploy makes it; whether it may deploy shows at the first deploy`,
    },
  ]);
  expect(at.effects()).toEqual([]);
});

test('one whose variable is not set is not asked', async () => {
  expect(await look({}, {})).toEqual([
    { check: host, state: 'unchecked', text: 'needs CLOUDFLARE_API_TOKEN' },
  ]);
});

test('a wrong token, and analytics that it may not read', async () => {
  const wrong = { CLOUDFLARE_API_TOKEN: 'cf-wrong' };
  expect(await text({}, wrong)).toContain('does not accept the token in CLOUDFLARE_API_TOKEN');
  expect(await text({ account: 'f'.repeat(32) })).toBe(
    `Cloudflare does not accept the token in CLOUDFLARE_API_TOKEN for the deployments of ${name}.\n` +
      `It needs "Workers Scripts: Edit" and "Account Analytics: Read" in the account ${'f'.repeat(32)}.\n` +
      'Make one under My Profile > API Tokens, set CLOUDFLARE_API_TOKEN where the worker is started and start it again.',
  );
  at.arm('POST /client/v4/graphql', 'lying-status', 1);
  expect(await text()).toBe(
    `Cloudflare could not tell the analytics of ${name}: internal server error`,
  );
});
