import { expect, test } from 'vitest';
import { judgeFreeze } from '../../../domain/gates/freeze.ts';
import { isOwnReason, saysWhy } from '../../../domain/deploy/reason.ts';
import { judgeStop } from '../../../domain/gates/stop.ts';
import { DeployRequest } from '../../../domain/config/config.ts';

const request = {
  ...{ project: 'shop', environment: 'production', ref: 'main', requestedBy: 'ci' },
  ...{ priority: 'P0', nonce: '0'.repeat(32), requestedAt: '2026-01-01T12:00:00.000Z' },
};
const stop = { key: 'stop/1', by: 'bob', reason: 'full', at: '2026-01-01T12:00:00.000Z' };
const now = Date.parse('2026-01-01T12:00:00.000Z');
const windows = [{ name: 'the weekend', from: now - 1, to: now + 1 }];
const text =
  'the reason tells the approver nothing: use at least 3 letters or digits, such as "logins fail"';

test.each([
  ['nothing', '', false, false],
  ['a blank', ' ', false, false],
  ['blanks, a tab and a new line', ' \t\n ', false, false],
  ['a dot', '.', false, false],
  ['dots and dashes', '... -- ...', false, false],
  ['signs that nobody sees', '\u200b\u00a0\ufeff', false, false],
  ['two letters', ' ok ', false, false],
  ['the default', 'routine deploy', true, false],
  ['the default and a blank', 'routine deploy ', true, false],
  ['the default, loud', ' ROUTINE  Deploy!', true, false],
  ['the default, with a sign that nobody sees', 'routine\u200b deploy', true, false],
  ['the default, in wide letters', 'ｒｏｕｔｉｎｅ deploy', true, false],
  ['three letters', 'fix', true, true],
  ['a number', '#1234', true, true],
  ['another script', 'Платежи не проходят', true, true],
  ['more than the default', 'routine deploy of the fix for logins', true, true],
])('a reason of %s', (_, reason, says, own) => {
  expect([saysWhy(reason), isOwnReason(reason)]).toEqual([says, own]);
  const parsed = DeployRequest.safeParse({ ...request, reason });
  expect(parsed.error?.issues.map(({ message }) => message) ?? []).toEqual(says ? [] : [text]);
  expect(judgeStop(stop, { priority: 'P0', reason }).open).toBe(own);
  expect(judgeFreeze({ windows, now, needsMs: 1, hotfix: true, reason }).open).toBe(own);
});
