import { expect, test } from 'vitest';
import { stepsOf, undoOf, whereOf } from '../../../domain/policy/words.ts';
import { cloudflarePlan, cloudflareTarget } from '../../support/fake-cloudflare.ts';

const { sha, timing, restoreTo } = cloudflarePlan();

test('what an approver signs for a release of a Worker', () => {
  const target = { ...cloudflareTarget, version: '/version' };
  expect(stepsOf({ sha, target, timing })).toEqual([
    'check bbbbbbb out, install its dependencies without any token',
    'wrangler deploy from workers/agency-router',
    'prove that agency-router serves it to everybody; ask router.example for health and the served version',
    'smoke test the critical paths: auth, payments, core',
    "watch probes and Cloudflare's analytics for 30 min; go back at once if they turn bad",
  ]);
  expect(undoOf({ target, restoreTo, notes: [] })).toEqual([
    'wrangler rollback of agency-router to version v-old of aaaaaaa, prove it by probing; what is stored, secrets, routes and schedules stay as they are',
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
    'check bbbbbbb out, install its dependencies without any token',
    'upload it as a version, try it at its own address, before anybody is sent there',
    'give it 10 % of the traffic, and ask it there for 5 min',
    'give it all the traffic, then set its routes and schedules',
    'prove that agency-router serves it to everybody; ask router.example for health',
  ]);
  const [deploy] = stepsOf({ sha, target: { ...target, rollout: 'all-at-once' }, timing }).slice(1);
  expect(deploy).toBe("wrangler deploy from the repository's root");
});
