import { describe, expect, test } from 'vitest';
import { knownSlackWords, slackRefusal } from '../../../domain/messages/slack-refusal.ts';
import type { SlackAsk } from '../../../domain/messages/slack-refusal.ts';
import type { SlackMethod } from '../../../domain/services/slack-scopes.ts';
import { documentedErrors, documentedMethods } from '../../../sandbox/slack/documented-errors.ts';

const variable = 'SLACK_BOT_TOKEN';
const asks: Record<SlackMethod, Omit<SlackAsk, 'method' | 'variable'>> = {
  'auth.test': { what: 'the identity of the token', effect: false },
  'chat.postMessage': { what: 'a message', channel: 'C000000001', effect: true },
  'chat.update': { what: 'an edit', channel: 'C000000001', effect: true },
  'chat.postEphemeral': { what: 'an answer', channel: 'D000000001', effect: true },
  'chat.scheduleMessage': { what: 'a scheduled message', channel: 'C000000001', effect: true },
  'chat.deleteScheduledMessage': { what: 'the deletion', channel: 'C000000001', effect: true },
  'chat.scheduledMessages.list': { what: 'the list', channel: 'C000000001', effect: false },
  'conversations.open': { what: 'a direct message', channel: 'U012ABCDEF', effect: false },
  'conversations.list': { what: 'the list of channels', effect: false },
  'conversations.history': { what: 'the messages', channel: 'C000000001', effect: false },
  'conversations.replies': { what: 'the thread', channel: 'C000000001', effect: false },
  'apps.connections.open': { what: 'a socket for clicks', effect: false },
};
const refusal = (method: SlackMethod, error: string, needed?: string) =>
  slackRefusal({ error, needed }, { ...asks[method], method, variable });

test('every method that Plimsoll calls is looked up in the documentation', () => {
  expect(documentedMethods.toSorted()).toEqual(Object.keys(asks).toSorted());
});

describe('every documented word of every method', () => {
  const cases = (Object.keys(asks) as SlackMethod[]).flatMap((method) =>
    documentedErrors(method).map((error) => [method, error] as const),
  );

  test('is known', () => {
    const known = new Set(knownSlackWords);
    expect(cases.filter(([, error]) => !known.has(error))).toEqual([]);
  });

  test('has a remedy, or is tried again', () => {
    const bare = cases.filter(([method, error]) => {
      const { kind, text } = refusal(method, error);
      return (kind === 'final') !== text.includes('\n');
    });
    expect(bare).toEqual([]);
  });

  test('tells people to invite the bot only if the channel is the cause', () => {
    const invited = cases.filter(([method, error]) => /\/invite/.test(refusal(method, error).text));
    expect([...new Set(invited.map(([, error]) => error))].toSorted()).toEqual([
      'channel_not_found',
      'invalid_channel',
      'no_permission',
      'not_in_channel',
    ]);
  });

  test('has its text', () => {
    const texts = new Map<string, string>();
    for (const [method, error] of cases) {
      const { kind, text } = refusal(method, error);
      if (!texts.has(error)) texts.set(error, `${kind}: ${text}`);
    }
    expect([...texts.values()].toSorted().join('\n\n')).toMatchSnapshot();
  });
});

test('no word is known that the documentation does not list', () => {
  const listed = new Set(documentedMethods.flatMap(documentedErrors));
  expect(knownSlackWords.filter((word) => !listed.has(word))).toEqual([]);
});

test('an unknown word is shown as it is, with the page of the method', () => {
  expect(refusal('chat.postMessage', 'moon_too_bright')).toEqual({
    kind: 'final',
    text:
      'Slack refused the request for a message in C000000001 with a word that Plimsoll does not know: moon_too_bright.\n' +
      'The meaning of the word: https://docs.slack.dev/reference/methods/chat.postMessage',
  });
});

test.each(['ratelimited', 'rate_limited', 'message_limit_exceeded'])('%s is waited for', (word) => {
  expect(refusal('chat.postMessage', word)).toEqual({
    kind: 'transient',
    text: `Slack refused the request for a message in C000000001 (${word}): there were too many requests.`,
    waitMs: 30_000,
  });
});

test('a bot token as the token of the app is told as what it is', () => {
  expect(refusal('apps.connections.open', 'not_allowed_token_type').text).toBe(
    'Slack does not accept the token in SLACK_BOT_TOKEN (not_allowed_token_type): it is a token of another kind.\n' +
      'Make an app-level token (xapp-…) with connections:write under "App-Level Tokens" of the app, ' +
      'set SLACK_BOT_TOKEN where the worker is started, and start the worker again.',
  );
});

test('a disabled member is not invited to a channel', () => {
  expect(refusal('conversations.open', 'user_disabled').text).toBe(
    'Slack refused the request for a direct message to U012ABCDEF (user_disabled): the account of the member is disabled.\n' +
      'Correct the member id of this person in plimsoll.yaml (in Slack: profile, ⋮, "Copy member ID"), or remove it there. Until then this person approves by key.',
  );
});

test('an expired token says that rotation must be off', () => {
  expect(refusal('chat.postMessage', 'token_expired').text).toBe(
    'Slack does not accept the token in SLACK_BOT_TOKEN (token_expired): the token has expired, because token rotation is switched on for the app.\n' +
      'Plimsoll does not renew tokens, and Slack cannot switch token rotation off for an app. Make a new app from the manifest in docs/slack.md, set SLACK_BOT_TOKEN where the worker is started, and start the worker again.',
  );
});

describe('a missing scope', () => {
  test('is named with what is lost', () => {
    expect(refusal('conversations.open', 'missing_scope', 'im:write').text).toBe(
      'Slack refused the request for a direct message to U012ABCDEF, because the token in SLACK_BOT_TOKEN lacks the scope im:write. ' +
        'Nobody is asked at Slack for an approval.\n' +
        'Add the scope under "OAuth & Permissions", "Bot Token Scopes" of the app, and install the app again.',
    );
  });

  test('is ours, where Slack names scopes of which one suffices', () => {
    const all = 'channels:manage,groups:write,im:write,mpim:write';
    expect(refusal('conversations.open', 'missing_scope', all).text).toContain(
      'lacks the scope im:write. ',
    );
    const history = 'channels:history,groups:history,mpim:history,im:history';
    expect(refusal('conversations.history', 'missing_scope', history).text).toContain(
      'lacks the scope channels:history or groups:history.\n',
    );
  });

  test('that we do not know is shown as it is', () => {
    expect(refusal('chat.postMessage', 'missing_scope', 'moon:read').text).toContain(
      'lacks the scope moon:read.\n',
    );
  });

  test('of the app token sends people to another page of the app', () => {
    expect(refusal('apps.connections.open', 'missing_scope', 'connections:write').text).toBe(
      'Slack refused the request for a socket for clicks with SLACK_BOT_TOKEN, because the token in SLACK_BOT_TOKEN lacks the scope connections:write.\n' +
        'Make an app-level token (xapp-…) with connections:write under "App-Level Tokens" of the app, ' +
        'set SLACK_BOT_TOKEN where the worker is started, and start the worker again.',
    );
  });
});
