import { expect, test } from 'vitest';
import { liveRow } from '../../../domain/messages/live-check.ts';
import { slack } from '../../../domain/services/slack.ts';
import { judgeRead, withTheRest } from '../../../domain/services/live.ts';
import type { Tried } from '../../../domain/services/live.ts';

const nothing = () => null;
const answer = (status: number, words = '', limited = false) => ({ status, words, limited });

test.each([
  [answer(200), 'ok', ''],
  [answer(401, 'Bad credentials'), 'refused', '401: Bad credentials'],
  [answer(403, 'Must have admin rights'), 'refused', '403: Must have admin rights'],
  [answer(404, 'Not Found'), 'refused', '404: Not Found'],
  [answer(404, 'no such thing'), 'failed', '404: no such thing'],
  [answer(403, 'wait', true), 'failed', '403: wait (a limit for requests)'],
  [answer(302), 'failed', '302'],
  [answer(500), 'failed', '500'],
])('the answer %o is judged as %s', (given, verdict, said) => {
  expect(judgeRead(given, nothing)).toEqual({ verdict, said });
});

test('an answer that says that there is nothing to read is no refusal', () => {
  expect(judgeRead(answer(403, 'disabled'), (_, words) => words)).toEqual({
    verdict: 'no data',
    said: 'disabled',
  });
});

const row: Tried = {
  place: 'Slack',
  vendor: 'Slack',
  variable: 'SLACK_BOT_TOKEN',
  call: 'conversations.list',
  use: 'find the channels by their names',
  effect: false,
  permission: 'channels:read',
  grant: null,
  verdict: 'refused',
  said: '403: missing_scope',
};

test('a refused call says the permission and the variable', () => {
  expect(liveRow(row)).toEqual([
    `refused    ${'find the channels by their names'.padEnd(50)} channels:read`,
    '           403: missing_scope',
    '           Give the token in SLACK_BOT_TOKEN at Slack: channels:read. Call: conversations.list',
  ]);
});

test('a permission that is not given to the token itself says how to get it', () => {
  const grant = 'Make a token of an Owner.';
  expect(liveRow({ ...row, variable: 'TOKEN', permission: 'project: read', grant })).toEqual([
    `refused    ${'find the channels by their names'.padEnd(50)} project: read`,
    '           403: missing_scope',
    '           The token of TOKEN lacks: project: read. Make a token of an Owner. Call: conversations.list',
  ]);
});

test.each([
  ['401: Bad credentials', 'Slack does not accept the token in SLACK_BOT_TOKEN. Make a new token.'],
  [
    '401: The token does not have permission to access this resource.',
    'Give the token in SLACK_BOT_TOKEN at Slack: channels:read.',
  ],
])('%s: %s', (said, remedy) => {
  expect(liveRow({ ...row, said }).at(-1)).toBe(`           ${remedy} Call: conversations.list`);
});

test('a change is never tried: it is shown by the vendor, or unknown', () => {
  const options = { place: 'Slack', variable: 'SLACK_BOT_TOKEN', why: 'no channel' };
  const shown = (call: string) =>
    call === 'chat.postMessage' ? { may: false, said: 'the scopes are: im:write' } : null;
  const all = withTheRest(slack, [row], { ...options, shown: ({ call }) => shown(call) });
  expect(all.map(({ call }) => call).toSorted()).toEqual(
    slack.calls.map(({ call }) => call).toSorted(),
  );
  const verdictOf = (call: string) => all.find((one) => one.call === call)?.verdict;
  expect(verdictOf('chat.postMessage')).toBe('refused');
  expect(verdictOf('chat.update')).toBe('unknown');
  expect(verdictOf('conversations.history')).toBe('not tried');
  const update = all.find(({ call }) => call === 'chat.update');
  expect(update && liveRow(update)).toEqual([
    `unknown    ${'edit its own message'.padEnd(50)} chat:write (unknown until the first deploy)`,
  ]);
});
