import { afterEach, expect, test } from 'vitest';
import { setTriggers } from '../../../../activities/platforms/cloudflare/releases.ts';
import {
  documented,
  documentedForRoutes,
} from '../../../../sandbox/platforms/cloudflare/permissions.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { failureOf, name } from './fixture.ts';
import { releases } from './releases-fixture.ts';

const routes = ['a.example.com/*'];
const zones = [{ id: '023e105f4ecef8ad9ca31a8372d0c353', name: 'example.com' }];
const at = releases(
  [1, 2, 3].map((n) => workers.routed(name, routes, n)),
  { zones, permissions: documentedForRoutes },
);
afterEach(() => at.shop.cloudflare.permit(documentedForRoutes));

const told = () => at.shop.board.effects.map(({ operation }) => operation);
const route = `${name} a.example.com/*`;

test('without "Zone: Read", wrangler makes the version live and sets no route', async () => {
  at.shop.cloudflare.permit([...documented, 'Workers Routes: Edit']);
  const failure = await failureOf(at.deploy(0));
  expect(failure.message).toContain('Could not find zone for `a.example.com`');
  expect(at.live()).toHaveLength(1);
  expect(told()).not.toContain('postRoute');
});

test('without "Workers Routes: Edit", it does the same, and the failure names the permission', async () => {
  at.shop.cloudflare.permit([...documented, 'Workers Routes: Read', 'Zone: Read']);
  const before = at.live();
  const failure = await failureOf(at.deploy(1));
  expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
  expect(failure.message).toBe(
    'Cloudflare does not accept the token in CLOUDFLARE_API_TOKEN for the command to set the routes and schedules of the live version.\n' +
      'It needs "Workers Routes: Edit" for the zone of each route.\n' +
      'Make a token under My Profile > API Tokens, set CLOUDFLARE_API_TOKEN where the worker is started, and start the worker again.',
  );
  expect(at.live()).not.toEqual(before);
  expect(told()).not.toContain('postRoute');
});

test('with both, the route is set through its zone, once', async () => {
  await at.deploy(2);
  await setTriggers(at.shop.deps, at.shop.worker, at.shop.source(2));
  const set = at.shop.board.effects.filter(({ operation }) => operation === 'postRoute');
  expect(set).toMatchObject([{ detail: route }]);
});
