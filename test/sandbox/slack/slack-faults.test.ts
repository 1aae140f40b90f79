import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../sandbox/board.ts';
import { slackError, slackFixture } from './slack-fixture.ts';
import type { SlackFixture } from './slack-fixture.ts';

let fixture: SlackFixture;
beforeEach(async () => {
  fixture = await slackFixture();
});
afterEach(() => fixture.close());

const arm = (kind: FaultKind, match = 'POST /api/chat.postMessage') =>
  fixture.board.arm({ service: 'slack', match, kind, times: 1 });
const post = () => fixture.web.chat.postMessage({ channel: '#deployments', text: 'Hi' });
const seen = () => [
  fixture.slack.messages().length,
  fixture.board.effects.map(({ operation }) => operation),
];
const none = [0, []];
const one = [1, ['chat.postMessage']];

describe('the faults of chat.postMessage', () => {
  test('429 says how long to wait and leaves no effect', async () => {
    arm('429');
    const error = await post().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 1 });
    expect(seen()).toEqual(none);
  });

  test.each([
    ['500-before', 'slack_webapi_http_error', none],
    ['drop-before', 'slack_webapi_request_error', none],
    ['500-after', 'slack_webapi_http_error', one],
    ['drop-after', 'slack_webapi_request_error', one],
  ] as const)('%s is %s', async (kind, code, expected) => {
    arm(kind);
    const error = await post().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code });
    expect(seen()).toEqual(expected);
    expect((await post()).ok).toBe(true);
  });

  test('slow answers late and truly', async () => {
    arm('slow');
    const start = performance.now();
    expect((await post()).ok).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(seen()).toEqual(one);
  });

  test('hold: the message is there, the answer is not', async () => {
    arm('hold');
    let answered = false;
    const answer = post().finally(() => {
      answered = true;
    });
    await expect.poll(() => fixture.board.holding).toBe(1);
    expect([...seen(), answered]).toEqual([...one, false]);
    fixture.board.release();
    expect((await answer).ok).toBe(true);
  });

  test('lying-status says ok and posts nothing', async () => {
    arm('lying-status');
    expect((await post()).ok).toBe(true);
    expect(seen()).toEqual(none);
  });

  test('a lie does not make a wrong channel right', async () => {
    arm('lying-status');
    const call = fixture.web.chat.postMessage({ channel: '#nowhere', text: 'Hi' });
    expect(await slackError(call)).toBe('channel_not_found');
  });
});

describe('lies of the others', () => {
  test('an edit is acknowledged and lost', async () => {
    const { channel = '', ts = '' } = await post();
    arm('lying-status', 'chat.update');
    const edit = await fixture.web.chat.update({ channel, ts, text: 'Edited' });
    expect(edit.text).toBe('Edited');
    expect(fixture.slack.messages()[0]?.text).toBe('Hi');
    expect(seen()).toEqual(one);
  });

  test('history and replies miss the newest message once', async () => {
    const { channel = '', ts = '' } = await post();
    const reply = { channel, text: 'reply', thread_ts: ts };
    await fixture.web.chat.postMessage(reply);
    arm('lying-status', 'conversations.replies');
    const replies = async () =>
      (await fixture.web.conversations.replies({ channel, ts })).messages?.length;
    expect([await replies(), await replies()]).toEqual([1, 2]);
  });

  test('a scheduled message is acknowledged and lost', async () => {
    arm('lying-status', 'chat.scheduleMessage');
    const post_at = Math.floor(Date.now() / 1000) + 600;
    const input = { channel: '#incidents', text: 'silent', post_at };
    expect((await fixture.web.chat.scheduleMessage(input)).scheduled_message_id).toMatch(/^Q/);
    expect(fixture.slack.scheduled()).toEqual([]);
    expect(seen()).toEqual(none);
  });
});
