import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { declaredEffectsOf } from '../../../domain/platforms/declared-effects.ts';
import type { When } from '../../../domain/platforms/platform.ts';
import { planFor } from '../../support/plan.ts';

const slack = { deployments: '#deployments', incidents: '#incidents' };
const effects = (plan: Plan, when?: When) =>
  declaredEffectsOf(plan)
    .effects.filter((effect) => when === undefined || effect.when === when)
    .map(({ where, what }) => `${where}: ${what}`);
const full = (changes: Partial<Plan> = {}) =>
  planFor({ slack, github: 'acme/gateway', pages: ['webhook'], ownsBranch: true, ...changes });

describe('what a deploy may write', () => {
  test('on a host, forward', () => {
    expect(effects(full(), 'forward')).toEqual([
      'deploy@one:22: a staged release',
      'deploy@one:22: the current release, and a restart of gateway',
      'GitHub acme/gateway: a deployment and its statuses',
      'GitHub acme/gateway: the issues that the commits name, closed with a comment',
      'Slack #deployments: one message, edited, and its thread',
      `Slack: a question to ${planFor().rule.eligible.join(', ')}`,
      'Slack #incidents: a message that is sent only if this deploy goes silent',
    ]);
  });

  test('when it fails, and after that', () => {
    expect(effects(full(), 'trouble')).toEqual([
      'deploy@one:22: the previous release made current, and a restart',
      'Slack #incidents: notes about stuck steps, and the incident with its thread',
      'page by webhook: a page to a person',
    ]);
    expect(effects(full(), 'after')).toEqual([
      'GitHub acme/gateway: the closed issues, reopened',
      'http://127.0.0.1/gateway.git: one commit on main that reverts the deploy',
      'GitHub acme/gateway: a pull request that reverts the commit, if a push is not allowed',
    ]);
  });

  test.each<[string, Partial<Plan>]>([
    ['another environment owns it', { ownsBranch: false }],
    ['revert is off', { revert: 'off' }],
  ])('nothing on the branch where %s', (_, changes) => {
    const after = declaredEffectsOf(full(changes)).effects.flatMap(({ calls }) => calls);
    expect(after.filter((call) => /^push|pulls$/.test(call))).toEqual([]);
  });

  test('a pull request alone where the branch is not pushed to', () => {
    const calls = declaredEffectsOf(full({ revert: 'pull-request' })).effects.flatMap(
      (it) => it.calls,
    );
    expect(calls.filter((call) => /^push|pulls$/.test(call))).toEqual([
      'POST /repos/acme/gateway/pulls',
      'push plimsoll/* http://127.0.0.1/gateway.git',
    ]);
  });

  test('nobody is told where nothing is configured', () => {
    const plan = planFor({ slack: null, github: null, pages: [], ownsBranch: false });
    expect(declaredEffectsOf(plan).effects.map(({ where }) => where)).toEqual(
      Array(3).fill('deploy@one:22'),
    );
  });
});

test('what it asks: every critical path, health, version, and what it needs', () => {
  const target = { ...planFor().target, version: '/version', heartbeat: '/beat' };
  const smoke = { auth: '/login', payments: 'n/a: none', core: '/' };
  const watch = { ...planFor().watch, dependencies: ['https://db.example/health'] };
  expect(declaredEffectsOf(full({ target, smoke, watch })).probes).toEqual([
    { url: 'http://127.0.0.1:18789/healthz', what: 'health, on deploy@one:22 itself' },
    { url: 'http://127.0.0.1:18789/version', what: 'the version' },
    { url: 'http://127.0.0.1:18789/beat', what: 'the heartbeat' },
    { url: 'http://127.0.0.1:18789/login', what: 'auth' },
    { url: 'http://127.0.0.1:18789/', what: 'core' },
    { url: 'https://db.example/health', what: 'a dependency' },
  ]);
});
