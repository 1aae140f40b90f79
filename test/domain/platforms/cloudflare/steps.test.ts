import { expect, test } from 'vitest';
import {
  afterRollbackOf,
  stepsOf,
  rollbackStepsOf,
  whereOf,
} from '../../../../domain/platforms/words.ts';
import { cloudflarePlan, cloudflareTarget } from '../../../support/fake-cloudflare.ts';

const { sha, timing, rollbackTarget } = cloudflarePlan();

test('what an approver signs for a release of a Worker', () => {
  const target = { ...cloudflareTarget, version: '/version' };
  expect(stepsOf({ sha, target, timing })).toEqual([
    'check out bbbbbbb and install its dependencies without any token',
    'wrangler deploy from workers/agency-router',
    'prove that agency-router serves bbbbbbb to everybody; check health and the served version at router.example',
    'smoke test the critical paths: auth, payments, core',
    "watch probes and Cloudflare's analytics for 30 min; roll back at once if they turn bad",
  ]);
  expect(rollbackStepsOf({ target, rollbackTarget, notes: [] })).toEqual([
    'wrangler rollback of agency-router to version v-old of aaaaaaa, proven by probing; stored data, secrets, routes and schedules stay as they are',
  ]);
  expect(whereOf(target)).toEqual([
    'Worker agency-router of account 0123456789abcdef0123456789abcdef',
  ]);
  expect(whereOf({ ...target, env: 'live' })).toEqual([
    'Worker agency-router (--env live) of account 0123456789abcdef0123456789abcdef',
  ]);
});

test('a gradual release tells both of its shares', () => {
  const target = { ...cloudflareTarget, rollout: 'gradual' as const, directory: '' };
  expect(stepsOf({ sha, target, timing }).slice(0, 5)).toEqual([
    'check out bbbbbbb and install its dependencies without any token',
    'upload the version and test it at its own address, before it gets any traffic',
    'give the version 10 % of the traffic, and probe it for 5 min',
    'give the version all the traffic, then set the routes and schedules',
    'prove that agency-router serves bbbbbbb to everybody; check health at router.example',
  ]);
  const [deploy] = stepsOf({ sha, target: { ...target, rollout: 'all-at-once' }, timing }).slice(1);
  expect(deploy).toBe("wrangler deploy from the repository's root");
});

test('after a rollback, people are told how a secret can be changed', () => {
  expect(afterRollbackOf(cloudflareTarget)).toEqual([
    'until the next deploy of agency-router, Cloudflare refuses "wrangler secret put" (code 10215), because the ' +
      'newest version is not live. To change a secret, run "npx wrangler versions secret put NAME --name ' +
      'agency-router": the next deploy uses this secret. Do not give traffic to the version ' +
      'that this command makes: it has the code of the newest version',
  ]);
});
