import { expect, test } from 'vitest';
import { toRemind } from '../../../domain/approval/slack-door.ts';
import { slackLine } from '../../../domain/messages/slack-door.ts';
import { decideRule } from '../../../domain/approval/rule.ts';
import type { ApprovalRule, Plan, Ruling } from '../../../domain/deploy/plan.ts';

const rollbackTarget = { id: 'a', sha: 'a'.repeat(40) };
const ruleOf = (over: Partial<ApprovalRule>): ApprovalRule => ({
  required: 1,
  reasons: [],
  eligible: ['ana', 'ben'],
  notAlone: [],
  solo: 'off',
  ...over,
});
const key = 'by Slack: a click can only reject; ';

test.each<[string, Partial<ApprovalRule>, Partial<Plan>, string | null]>([
  ['no bridge', {}, {}, null],
  ['automatic', { required: 0, slack: 'one' }, {}, null],
  ['one', { slack: 'one' }, {}, 'by Slack: a click is enough'],
  [
    'two',
    { slack: 'one', required: 2 },
    {},
    'by Slack: a click counts, and one approval must be a signature by key',
  ],
  ['two, all', { slack: 'all', required: 2 }, {}, 'by Slack: a click is enough'],
  [
    'never',
    { slack: 'never' },
    {},
    `${key}the configuration allows clicks at Slack for rejections only: approve the plan by key`,
  ],
  [
    'a first release',
    { slack: 'all' },
    { rollbackTarget: null },
    `${key}a click at Slack cannot approve a release that cannot be rolled back: approve ` +
      'the plan by key',
  ],
  [
    'no rollback target',
    { slack: 'all' },
    { noReturn: 'a migration' },
    `${key}a click at Slack cannot approve a release that cannot be rolled back: approve ` +
      'the plan by key',
  ],
  ['alone', { slack: 'one', solo: 'slack', required: 2 }, {}, 'by Slack: a click is enough'],
])('the plan says how far a click goes: %s', (_, rule, over, line) => {
  expect(slackLine({ rule: ruleOf(rule), rollbackTarget, ...over })).toBe(line);
});

const yes = (approver: string, via?: 'slack'): Ruling => ({
  ...{ verdict: 'counted', decision: 'approve', approver, why: '', nonce: approver, at: '' },
  ...{ touch: false, ...(via ? { via } : {}) },
});

test.each<[string, Partial<ApprovalRule>, Ruling[], string[]]>([
  ['nobody answered', {}, [], ['ana', 'ben']],
  ['one clicked', {}, [yes('ana', 'slack')], ['ben']],
  ['both clicked: one signs', {}, [yes('ana', 'slack'), yes('ben', 'slack')], ['ana', 'ben']],
  ['one of them signed', {}, [yes('ana'), yes('ben', 'slack')], []],
  ['clicks suffice', { slack: 'all' }, [yes('ana', 'slack'), yes('ben', 'slack')], []],
])('who is reminded: %s', (_, rule, rulings, names) => {
  expect(toRemind(ruleOf({ slack: 'one', required: 2, ...rule }), rulings)).toEqual(names);
});

const human = (name: string) => ({ keys: [`ssh-ed25519 AAAA${name}`], emails: [`${name}@x.test`] });
const input = {
  project: 'shop',
  environment: 'production',
  commits: [],
  unknownCommits: 0,
  approvers: { ana: human('ana'), ben: human('ben') },
  requesters: { ci: human('ci') },
  requestedBy: 'ci',
  bots: [],
  solo: 'off',
  firstDeploy: false,
  offBranch: null,
} as const;

test('a rule carries it, where somebody must approve', () => {
  expect(decideRule({ ...input, slack: 'one' })).toMatchObject({ rule: { slack: 'one' } });
  const automatic = decideRule({ ...input, environment: 'staging', slack: 'one' });
  expect(automatic).toMatchObject({ rule: { required: 0 } });
  expect(automatic).not.toHaveProperty('rule.slack');
  expect(decideRule(input)).not.toHaveProperty('rule.slack');
});
