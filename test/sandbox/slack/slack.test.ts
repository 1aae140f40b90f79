import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { record } from '../../../sandbox/http.ts';
import type { Exchange } from '../../../sandbox/http.ts';
import { problemsOf } from '../../contract/problems.ts';
import * as contract from './slack-contract.ts';
import { ada, slackClient, slackError, slackFixture } from './slack-fixture.ts';
import type { SlackFixture } from './slack-fixture.ts';

let fixture: SlackFixture;
beforeEach(async () => {
  fixture = await slackFixture();
});
afterEach(async () => {
  vi.useRealTimers();
  await fixture.close();
});

const metadata = (key: string) => ({ event_type: 'deploy_release', event_payload: { key } });
const post = (more: Record<string, unknown> = {}) =>
  fixture.web.chat.postMessage({ channel: '#deployments', text: 'Hi', ...more } as never);
const effects = () => fixture.board.effects.map(({ operation }) => operation);

describe('who may ask', () => {
  test('nobody without a token, nobody with a wrong one', async () => {
    const { api } = fixture.slack;
    expect(await slackError(slackClient(api).auth.test())).toBe('not_authed');
    expect(await slackError(slackClient(api, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(contract.AuthTest.parse(await fixture.web.auth.test()).user).toBe('plimsoll');
    expect(await slackError(fixture.web.apiCall('chat.shout'))).toBe('unknown_method');
  });
});

describe('messages', () => {
  test('are posted by name, answered by id, edited by id only', async () => {
    const { channel, ts } = contract.PostMessage.parse(await post());
    expect(channel).toBe('C000000001');
    const { web } = fixture;
    const edit = { channel, ts, text: 'Edited' };
    expect(contract.Update.parse(await web.chat.update(edit)).text).toBe('Edited');
    const byName = web.chat.update({ ...edit, channel: '#deployments' });
    expect(await slackError(byName)).toBe('channel_not_found');
    const wrong = web.chat.update({ ...edit, ts: '1700000000.000001' });
    expect(await slackError(wrong)).toBe('message_not_found');
    expect(fixture.slack.messages().map((m) => [m.name, m.text])).toEqual([
      ['#deployments', 'Edited'],
    ]);
    expect(effects()).toEqual(['chat.postMessage', 'chat.update']);
  });

  test('of somebody else cannot be edited', async () => {
    const said = fixture.slack.say({ channel: '#deployments', user: ada.id, text: 'mine' });
    const edit = fixture.web.chat.update({ ...said!, text: 'yours' });
    expect(await slackError(edit)).toBe('cant_update_message');
  });

  test.each([
    [{ channel: '#nowhere' }, 'channel_not_found'],
    [{ text: '' }, 'no_text'],
    [{ blocks: Array(51).fill({ type: 'divider' }) }, 'invalid_blocks'],
    [{ blocks: [{ type: 'section', text: { text: 'x'.repeat(3001) } }] }, 'invalid_blocks'],
    [{ metadata: { event_type: 'x' } }, 'invalid_metadata_format'],
  ])('%o is refused as %s, without an effect', async (input, error) => {
    expect(await slackError(post(input))).toBe(error);
    expect(effects()).toEqual([]);
  });

  test('of more than 40,000 characters are cut, and an edit of more than 4,000 is refused', async () => {
    const { channel = '', ts = '' } = await post({ text: 'x'.repeat(40_001) });
    expect(fixture.slack.messages()[0]?.text).toHaveLength(40_000);
    const edit = fixture.web.chat.update({ channel, ts, text: 'x'.repeat(4001) });
    expect(await slackError(edit)).toBe('msg_too_long');
  });

  test('whose thread is gone are posted at the top level', async () => {
    const { channel = '', ts = '' } = await post();
    fixture.slack.remove(channel, ts);
    const answer = await post({ thread_ts: ts });
    expect(answer.message?.thread_ts).toBeUndefined();
    expect(fixture.slack.messages().map(({ threadTs }) => threadTs)).toEqual([null]);
  });

  test('keep their metadata, shown only when asked for', async () => {
    const { channel = '' } = await post({ metadata: metadata('k1') });
    await post({ metadata: metadata('k2') });
    const { conversations } = fixture.web;
    const plain = contract.History.parse(await conversations.history({ channel }));
    expect(plain.messages.map((message) => message.metadata)).toEqual([undefined, undefined]);
    const full = await conversations.history({ channel, include_all_metadata: true });
    const keys = full.messages?.map(({ metadata: found }) => found?.event_payload);
    expect(keys).toEqual([{ key: 'k2' }, { key: 'k1' }]);
  });

  test('of a thread are found by replies, not by history', async () => {
    const parent = await post();
    const [channel, ts] = [parent.channel ?? '', parent.ts ?? ''];
    const reply = await post({ thread_ts: ts, text: 'in thread', metadata: metadata('r') });
    const { conversations } = fixture.web;
    const history = await conversations.history({ channel });
    expect(history.messages?.map((m) => [m.text, m.reply_count])).toEqual([['Hi', 1]]);
    const replies = await conversations.replies({ channel, ts, include_all_metadata: true });
    expect(replies.messages?.map((m) => [m.text, m.thread_ts])).toEqual([
      ['Hi', ts],
      ['in thread', ts],
    ]);
    const older = await conversations.history({ channel, oldest: ts });
    expect(older.messages).toEqual([]);
    expect(reply.message?.thread_ts).toBe(ts);
    const unknown = conversations.replies({ channel, ts: '1700000000.000001' });
    expect(await slackError(unknown)).toBe('thread_not_found');
  });

  test('come in pages, newest first', async () => {
    const { channel = '' } = await post({ text: '1' });
    for (const text of ['2', '3', '4', '5']) await post({ text });
    const pages: string[][] = [];
    const { web } = fixture;
    for await (const page of web.paginate('conversations.history', { channel, limit: 2 }))
      pages.push(contract.History.parse(page).messages.map(({ text }) => text));
    expect(pages).toEqual([['5', '4'], ['3', '2'], ['1']]);
  });
});

describe('people and channels', () => {
  test('a direct message is opened once', async () => {
    const { web } = fixture;
    const { channel } = contract.Open.parse(await web.conversations.open({ users: ada.id }));
    expect((await web.conversations.open({ users: ada.id })).channel?.id).toBe(channel.id);
    await post({ channel: channel.id });
    expect(fixture.slack.messages().map((m) => m.name)).toEqual(['@U0ADA']);
    expect(await slackError(web.conversations.open({ users: 'U0NOBODY' }))).toBe('user_not_found');
    expect(effects()).toEqual(['conversations.open', 'chat.postMessage']);
  });

  test('are listed and described', async () => {
    const { web } = fixture;
    const channels = contract.Channels.parse(await web.conversations.list());
    expect(channels.channels.map((channel) => channel.name)).toEqual(['deployments', 'incidents']);
    const asked = web.users.info({ user: ada.id });
    expect(await slackError(asked)).toBe('missing_scope');
    const other = await startWith({ scopes: ['users:read', 'users:read.email'] });
    const { user } = contract.UserInfo.parse(await other.web.users.info({ user: ada.id }));
    expect(user.profile.email).toBe('ada@example.test');
  });
});

/** Starts another stand-in. It is closed after the test. */
const others: SlackFixture[] = [];
afterEach(() => Promise.all(others.splice(0).map((other) => other.close())));
const startWith = async (options: Parameters<typeof slackFixture>[0]) => {
  const other = await slackFixture(options);
  others.push(other);
  return other;
};

describe('scopes', () => {
  test('are named by every answer, and a missing one is named with those that the token has', async () => {
    const { web } = await startWith({ scopes: ['channels:read'] });
    const answer = await web.auth.test();
    expect(answer.response_metadata?.scopes).toEqual(['channels:read']);
    const refused = web.chat.postMessage({ channel: '#deployments', text: 'Hi' });
    await expect(refused).rejects.toMatchObject({
      data: { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'channels:read' },
    });
    expect(await slackError(web.chat.scheduledMessages.list({}))).toBe('accepted');
  });

  test('refuse the whole list of channels if one kind is missing', async () => {
    const { web } = await startWith({});
    const types = 'public_channel,private_channel';
    await expect(web.conversations.list({ types })).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'groups:read' },
    });
    expect(await slackError(web.conversations.list({ types: 'public_channel' }))).toBe('accepted');
    expect(await slackError(web.conversations.list({ types: 'moon' }))).toBe('invalid_types');
  });

  test.each([
    ['C000000001', 'channels:history'],
    ['C000000002', 'groups:history'],
  ])('for the messages of %s: %s', async (channel, needed) => {
    const channels = ['open', { name: 'secret', isPrivate: true }];
    const { web } = await startWith({ scopes: [], channels });
    await expect(web.conversations.history({ channel })).rejects.toMatchObject({
      data: { error: 'missing_scope', needed },
    });
  });

  test('do not make a token of another kind right', async () => {
    const { slack } = fixture;
    const app = slackClient(slack.api, 'xapp-sandbox');
    expect(await slackError(app.auth.test())).toBe('not_allowed_token_type');
    const bot = slackClient(slack.api, 'xoxb-secret');
    expect(await slackError(bot.apps.connections.open({}))).toBe('not_allowed_token_type');
  });
});

describe('channels', () => {
  test('without the bot take no message and show none', async () => {
    const channels = [
      { name: 'far', isMember: false },
      { name: 'old', isArchived: true },
    ];
    const { web } = await startWith({ channels });
    const say = (channel: string) => web.chat.postMessage({ channel, text: 'Hi' });
    expect(await slackError(say('#far'))).toBe('not_in_channel');
    expect(await slackError(say('#old'))).toBe('is_archived');
    const read = web.conversations.history({ channel: 'C000000001' });
    expect(await slackError(read)).toBe('not_in_channel');
  });

  test('that are archived are left out after a page is cut', async () => {
    const channels = [{ name: 'old', isArchived: true }, 'new'];
    const { web } = await startWith({ channels });
    const first = await web.conversations.list({ limit: 1, exclude_archived: true });
    expect(first.channels).toEqual([]);
    expect(first.response_metadata?.next_cursor).not.toBe('');
  });
});

describe('scheduled messages', () => {
  const inTenMinutes = () => Math.floor(Date.now() / 1000) + 600;
  const schedule = (post_at: number) =>
    fixture.web.chat.scheduleMessage({ channel: '#incidents', text: 'went silent', post_at });

  test('are listed, deleted once, and never posted then', async () => {
    const { chat } = fixture.web;
    const answer = contract.ScheduleMessage.parse(await schedule(inTenMinutes()));
    const { channel, scheduled_message_id } = answer;
    const listed = contract.ScheduledMessages.parse(await chat.scheduledMessages.list());
    expect(listed.scheduled_messages.map(({ id }) => id)).toEqual([scheduled_message_id]);
    await chat.deleteScheduledMessage({ channel, scheduled_message_id });
    const again = chat.deleteScheduledMessage({ channel, scheduled_message_id });
    expect(await slackError(again)).toBe('invalid_scheduled_message_id');
    expect(fixture.slack.scheduled()).toEqual([]);
    expect(effects()).toEqual(['chat.scheduleMessage', 'chat.deleteScheduledMessage']);
  });

  test('are posted when their time has come', async () => {
    await schedule(inTenMinutes());
    expect(fixture.slack.messages()).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect(fixture.slack.messages().map((m) => [m.name, m.text])).toEqual([
      ['#incidents', 'went silent'],
    ]);
    expect(fixture.slack.messages()).toHaveLength(1);
    expect(effects()).toEqual(['chat.scheduleMessage', 'scheduled message posted']);
  });

  test('are at most 30 for five minutes of a channel', async () => {
    const at = inTenMinutes();
    for (let count = 0; count < 30; count += 1) await schedule(at + count);
    expect(await slackError(schedule(at + 60))).toBe('restricted_too_many');
    expect(await slackError(schedule(at + 330))).toBe('accepted');
  });

  test('are not deleted in their last minute, and never posted with metadata', async () => {
    const { chat } = fixture.web;
    const post_at = Math.floor(Date.now() / 1000) + 50;
    const input = { channel: '#incidents', text: 'silent', post_at, metadata: metadata('k') };
    const { channel = '', scheduled_message_id = '' } = await chat.scheduleMessage(input as never);
    const tooLate = chat.deleteScheduledMessage({ channel, scheduled_message_id });
    expect(await slackError(tooLate)).toBe('invalid_scheduled_message_id');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    expect(fixture.slack.messages()).toEqual([]);
  });

  test('are refused for the past and the far future', async () => {
    expect(await slackError(schedule(1_700_000_000))).toBe('time_in_past');
    expect(await slackError(schedule(inTenMinutes() + 121 * 86_400))).toBe('time_too_far');
    expect(effects()).toEqual([]);
  });
});

test('no answer has a word that Slack does not document for the method', async () => {
  fixture.slack.refuse('chat.update', 'moon_too_bright');
  const answer = fixture.web.chat.update({ channel: 'C000000001', ts: '1', text: 'x' });
  expect(await slackError(answer)).toBe('slack_webapi_http_error');
});

describe('the contract check turns red', () => {
  test('green as it is, red without ts, red with another type', async () => {
    const answer = await post({ metadata: metadata('k') });
    expect(contract.PostMessage.safeParse(answer).success).toBe(true);
    const { ts: _, ...cut } = answer;
    expect(contract.PostMessage.safeParse(cut).error?.issues[0]?.path).toEqual(['ts']);
    const renamed = { ...answer, message: { ...answer.message, type: 'msg' } };
    const path = contract.PostMessage.safeParse(renamed).error?.issues[0]?.path;
    expect(path).toEqual(['message', 'type']);
  });

  test("red where an answer has what the vendor's types do not have", async () => {
    const { channel = '' } = await post({ metadata: metadata('k') });
    const answers: Exchange[] = [];
    const stop = record((answer) => answers.push(answer));
    await fixture.web.conversations.history({ channel, include_all_metadata: true });
    stop();
    const [answer] = answers as [Exchange];
    const body = answer.body as { messages: object[] };
    const strange = (over: object) => problemsOf({ ...answer, body: { ...body, ...over } });
    const history = 'slack conversations.history 200';
    expect(await strange({})).toEqual([]);
    expect(await strange({ hasMore: true })).toEqual([
      `${history}: the root: the vendor has no field "hasMore"`,
    ]);
    expect(await strange({ has_more: 'no' })).toEqual([`${history}: has_more: must be boolean`]);
    expect(await strange({ messages: [{ ...body.messages[0], stamp: '1' }] })).toEqual([
      `${history}: messages.[]: the vendor has no field "stamp"`,
    ]);
  });

  test('red where history loses has_more', async () => {
    const { channel = '' } = await post();
    const answer = await fixture.web.conversations.history({ channel });
    expect(contract.History.safeParse(answer).success).toBe(true);
    const { has_more: _, ...cut } = answer;
    expect(contract.History.safeParse(cut).error?.issues[0]?.path).toEqual(['has_more']);
  });
});
