import { afterEach, expect, test } from 'vitest';
import { createSlackBoard } from '../../../activities/slack/board.ts';
import { createKnownIds } from '../../../activities/slack/channels.ts';
import { slackClient } from '../../../activities/slack/client.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { SlackOptions } from '../../../sandbox/slack/slack.ts';

const token = 'xoxb-test-token-1234567890';
const open: Awaited<ReturnType<typeof startSlack>>[] = [];
afterEach(async () => {
  const started = open.splice(0);
  await Promise.all(started.map((slack) => slack.close()));
});

async function at(options: Partial<SlackOptions> = {}) {
  const board = new Board();
  const users = [{ id: 'U0ADA00001', name: 'ada', email: 'ada@example.test', isBot: false }];
  const slack = await startSlack({ board, token, users, ...options });
  open.push(slack);
  const slackBoard = createSlackBoard(slackClient(slack.api, token), 'SLACK_TOKEN');
  const asked = (method: string) =>
    board.writes.filter(({ call }) => call.endsWith(`/${method}`)).length;
  return { slack, slackBoard, asked };
}

test('a public channel is found without a scope for private channels', async () => {
  const { slackBoard } = await at();
  expect(await slackBoard.channelId('#incidents')).toBe('C000000002');
});

test('a channel that is not public needs the scope for private channels, and the text says so', async () => {
  const { slackBoard } = await at({ channels: [{ name: 'secret', isPrivate: true }] });
  await expect(slackBoard.channelId('#secret')).rejects.toMatchObject({
    type: 'Misconfigured',
    nonRetryable: true,
    message:
      'Slack has no public channel "#secret". Private channels were not searched, because the token in SLACK_TOKEN lacks the scope groups:read.\n' +
      'Correct the name under slack: in plimsoll.yaml. If the channel is private, add groups:read and groups:history under "OAuth & Permissions", "Bot Token Scopes" of the app, install the app again, and invite the bot to the channel (/invite).',
  });
});

test('a private channel is found with the scope', async () => {
  const channels = ['open', { name: 'secret', isPrivate: true }];
  const { slackBoard } = await at({ channels, scopes: ['channels:read', 'groups:read'] });
  expect(await slackBoard.channelId('secret')).toBe('C000000002');
});

test('a private channel is found without the scope for public channels', async () => {
  const channels = [{ name: 'secret', isPrivate: true }];
  const { slackBoard } = await at({ channels, scopes: ['groups:read'] });
  expect(await slackBoard.channelId('secret')).toBe('C000000001');
  await expect(slackBoard.channelId('open')).rejects.toMatchObject({
    message:
      "Slack refused the request for the list of channels, because the token in SLACK_TOKEN lacks the scope channels:read. There are no notes, no incidents and no dead man's switch in channels that are given by their name.\n" +
      'Add the scope under "OAuth & Permissions", "Bot Token Scopes" of the app, and install the app again.',
  });
});

test('a private channel without the bot is as if it were not there', async () => {
  const channels = [{ name: 'secret', isPrivate: true, isMember: false }];
  const { slackBoard } = await at({ channels, scopes: ['channels:read', 'groups:read'] });
  await expect(slackBoard.channelId('#secret')).rejects.toMatchObject({
    message:
      'Slack has no channel "#secret" that the bot may see.\n' +
      'Invite the bot to the channel (/invite), or give the id of the channel (C…) under slack: in plimsoll.yaml.',
  });
});

test('an archived channel is named as archived', async () => {
  const { slackBoard } = await at({ channels: [{ name: 'old', isArchived: true }] });
  await expect(slackBoard.channelId('#old')).rejects.toMatchObject({
    message:
      'The channel "#old" is archived at Slack.\n' +
      'Unarchive the channel at Slack, or name another channel under slack: in plimsoll.yaml.',
  });
});

const many = (count: number) => [
  ...Array.from({ length: count }, (_, n) => ({ name: `team-${n}`, isArchived: n % 3 > 0 })),
  'deployments',
];

test('a channel on the last of many short pages is found', async () => {
  const { slackBoard, asked } = await at({ channels: many(4999) });
  expect(await slackBoard.channelId('#deployments')).toBe('C000005000');
  expect(asked('conversations.list')).toBe(25);
});

test('an attempt goes on where the one before it ended', async () => {
  const { slack, slackBoard, asked } = await at({ channels: many(999) });
  slack.refuse('conversations.list', 'ratelimited', { after: 3 });
  await expect(slackBoard.channelId('#deployments')).rejects.toMatchObject({
    type: 'Unavailable',
    nextRetryDelay: 30_000,
  });
  const before = asked('conversations.list');
  expect(await slackBoard.channelId('#deployments')).toBe('C000001000');
  expect(asked('conversations.list') - before).toBe(2);
});

test('an id is asked for once, and once more after Slack has forgotten it', async () => {
  const { slack, slackBoard, asked } = await at();
  const id = await slackBoard.channelId('#deployments');
  expect(await slackBoard.channelId('deployments')).toBe(id);
  expect(asked('conversations.list')).toBe(1);
  slack.remakeChannel('deployments');
  await expect(slackBoard.inChannel(id, 'd1', 0)).rejects.toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
    message:
      'The id of #deployments at Slack is not valid any more. The request for the channel messages is made again with the id that Slack gives now.',
  });
  const fresh = await slackBoard.channelId('#deployments');
  expect(fresh).not.toBe(id);
  expect(await slackBoard.inChannel(fresh, 'd1', 0)).toEqual([]);
});

test('an id from plimsoll.yaml that Slack does not know is no look-up to repeat', async () => {
  const { slackBoard } = await at();
  await expect(slackBoard.mayRead('C0UNKNOWN1')).rejects.toMatchObject({
    type: 'Misconfigured',
    message:
      'Slack refused the request for the channel messages in C0UNKNOWN1 (channel_not_found): the bot sees no such channel.\n' +
      'Invite the bot to the channel (/invite), or correct the channel under slack: in plimsoll.yaml.',
  });
});

test('direct messages are opened once', async () => {
  const { slackBoard, asked } = await at();
  const id = await slackBoard.directMessage('U0ADA00001');
  expect(await slackBoard.directMessage('U0ADA00001')).toBe(id);
  expect(asked('conversations.open')).toBe(1);
});

test('only the newest ids are kept', () => {
  const known = createKnownIds(2);
  for (const name of ['a', 'b', 'c']) known.set(name, `id of ${name}`);
  expect(['a', 'b', 'c'].map((name) => known.get(name))).toEqual([undefined, 'id of b', 'id of c']);
});
