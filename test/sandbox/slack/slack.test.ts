import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
    [{ text: 'x'.repeat(40_001) }, 'msg_too_long'],
    [{ thread_ts: '1700000000.000001' }, 'thread_not_found'],
  ])('%o is refused as %s, without an effect', async (input, error) => {
    expect(await slackError(post(input))).toBe(error);
    expect(effects()).toEqual([]);
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
    const { user } = contract.UserInfo.parse(await web.users.info({ user: ada.id }));
    expect(user.profile.email).toBe('ada@example.test');
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

  test('are refused for the past and the far future', async () => {
    expect(await slackError(schedule(1_700_000_000))).toBe('time_in_past');
    expect(await slackError(schedule(inTenMinutes() + 121 * 86_400))).toBe('time_too_far');
    expect(effects()).toEqual([]);
  });
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

  test('red where history loses has_more', async () => {
    const { channel = '' } = await post();
    const answer = await fixture.web.conversations.history({ channel });
    expect(contract.History.safeParse(answer).success).toBe(true);
    const { has_more: _, ...cut } = answer;
    expect(contract.History.safeParse(cut).error?.issues[0]?.path).toEqual(['has_more']);
  });
});
