import type {
  ChatDeleteScheduledMessageResponse,
  ChatPostMessageResponse,
  ChatScheduledMessagesListResponse,
  ChatScheduleMessageResponse,
  ChatUpdateResponse,
} from '@slack/web-api';
import { missing, no, readBlocks, readMetadata, refuseContent, truthy, yes } from './methods.ts';
import type { Arguments, Method } from './methods.ts';
import { postEphemeral } from './ephemeral.ts';
import { messageOf } from './shapes.ts';
import { bot } from './state.ts';
import type { Channel, Message, Scheduled, Workspace } from './state.ts';

/**
 * Returns the channel of a post. `wanted` is the id of a channel, the name of a channel with or
 * without "#", or the id of a user. A user id means the direct messages with this user.
 */
const postTarget = (workspace: Workspace, wanted: string): Channel | undefined =>
  workspace.channel(wanted) ??
  workspace.channelByName(wanted) ??
  (workspace.users.some((user) => user.id === wanted) ? workspace.openIm(wanted) : undefined);

/** Slack cuts longer texts. Source: the documentation of chat.postMessage. */
const longestPost = 40_000;
/** Source: `msg_too_long` in the documentation of chat.update. */
const longestEdit = 4_000;

/**
 * Returns the thread of a reply, or null. If the parent of the reply does not exist any more, Slack
 * posts the reply at the top level of the channel. Source: github.com/slack-go/slack issue 1571.
 */
const threadOf = (args: Arguments, channel: Channel, workspace: Workspace) =>
  args.thread_ts && workspace.message(channel.id, args.thread_ts) ? args.thread_ts : null;

const draft = (args: Arguments, workspace: Workspace, ts: string): Message => ({
  ...placeOf(args, workspace),
  ts,
  user: bot.id,
  botId: bot.botId,
  text: (args.text ?? '').slice(0, longestPost),
  blocks: readBlocks(args) ?? null,
  broadcast: truthy(args.reply_broadcast),
  metadata: readMetadata(args) ?? null,
  editedTs: null,
});

const placeOf = (args: Arguments, workspace: Workspace) => {
  const channel = postTarget(workspace, args.channel ?? '')!;
  return { channel: channel.id, threadTs: threadOf(args, channel, workspace) };
};

const refusePost = (args: Arguments, workspace: Workspace) => {
  if (!args.channel) return missing('channel');
  const channel = postTarget(workspace, args.channel);
  if (!channel) return no('channel_not_found');
  if (channel.isArchived) return no('is_archived');
  if (!channel.isMember) return no('not_in_channel');
  return refuseContent(args);
};

const posted = (message: Message) =>
  yes({
    ok: true,
    channel: message.channel,
    ts: message.ts,
    message: messageOf(message, { metadata: true }),
  } satisfies ChatPostMessageResponse);

const postMessage: Method = (args, workspace) => {
  const message = () => draft(args, workspace, workspace.nextTs());
  const refused = () => refusePost(args, workspace);
  return {
    read: refused,
    act: () => {
      const stored = message();
      workspace.messages.push(stored);
      workspace.board.count('slack', 'chat.postMessage', `${stored.channel} ${stored.ts}`);
      return posted(stored);
    },
    lie: () => refused() ?? posted(message()),
  };
};

const refuseUpdate = (args: Arguments, workspace: Workspace) => {
  if (!args.channel || !args.ts) return missing('channel', 'ts');
  if (!workspace.channel(args.channel)) return no('channel_not_found');
  const message = workspace.message(args.channel, args.ts);
  if (!message) return no('message_not_found');
  if (message.botId !== bot.botId) return no('cant_update_message');
  if ((args.text?.length ?? 0) > longestEdit) return no('msg_too_long');
  return refuseContent(args);
};

const edited = (message: Message, args: Arguments, editedTs: string): Message => ({
  ...message,
  text: args.text ?? message.text,
  blocks: readBlocks(args) ?? (args.text === undefined ? message.blocks : null),
  metadata: readMetadata(args) ?? message.metadata,
  editedTs,
});

/**
 * Returns the answer of chat.update. Unlike other answers, this answer has no timestamps inside the
 * message.
 */
const updated = (stored: Message) => {
  const { ts: _, thread_ts: __, ...message } = messageOf(stored, { metadata: true });
  return yes({
    ok: true,
    channel: stored.channel,
    ts: stored.ts,
    text: stored.text,
    message,
  } satisfies ChatUpdateResponse);
};

const update: Method = (args, workspace) => {
  const found = () => workspace.message(args.channel ?? '', args.ts ?? '')!;
  const refused = () => refuseUpdate(args, workspace);
  return {
    read: refused,
    act: () => {
      const message = Object.assign(found(), edited(found(), args, workspace.nextTs()));
      workspace.board.count('slack', 'chat.update', `${message.channel} ${message.ts}`);
      return updated(message);
    },
    lie: () => refused() ?? updated(edited(found(), args, workspace.nextTs())),
  };
};

const hundredTwentyDays = 120 * 24 * 3600;
const fiveMinutes = 5 * 60;
const mostInFiveMinutes = 30;

/**
 * Returns true if 30 messages of the channel are already scheduled less than 5 minutes before or
 * after `postAt`. Slack allows 30 scheduled messages in 5 minutes for one channel. Source:
 * "Restrictions" in the documentation of chat.scheduleMessage. The documentation does not say when
 * the 5 minutes begin, so messages before and after `postAt` count here.
 */
const isFull = (workspace: Workspace, channel: string, postAt: number) =>
  workspace
    .scheduled()
    .filter(
      (one) =>
        one.channel === channel &&
        Math.abs(one.postAt - postAt) < fiveMinutes / workspace.timeScale,
    ).length >= mostInFiveMinutes;

const refuseSchedule = (args: Arguments, workspace: Workspace) => {
  const ahead = Number(args.post_at) - Date.now() / 1000;
  if (!Number.isFinite(ahead)) return no('invalid_time');
  if (ahead <= 0) return no('time_in_past');
  if (ahead > hundredTwentyDays) return no('time_too_far');
  const refused = refusePost(args, workspace);
  if (refused) return refused;
  const { channel } = placeOf(args, workspace);
  return isFull(workspace, channel, Number(args.post_at)) ? no('restricted_too_many') : undefined;
};

const scheduledReply = (one: Scheduled) => {
  const { ts: _, ...message } = messageOf(one, { metadata: true });
  return yes({
    ok: true,
    channel: one.channel,
    scheduled_message_id: one.id,
    post_at: one.postAt,
    message,
  } satisfies ChatScheduleMessageResponse);
};

const scheduleMessage: Method = (args, workspace) => {
  const one = (): Scheduled => {
    const ts = workspace.nextTs();
    const message = draft(args, workspace, ts);
    const id = `Q${ts.replace('.', '')}`;
    return { ...message, id, postAt: Number(args.post_at), createdAt: Math.floor(Number(ts)) };
  };
  const refused = () => refuseSchedule(args, workspace);
  return {
    read: refused,
    act: () => {
      const stored = one();
      workspace.schedule(stored);
      workspace.board.count('slack', 'chat.scheduleMessage', `${stored.channel} ${stored.id}`);
      return scheduledReply(stored);
    },
    lie: () => refused() ?? scheduledReply(one()),
  };
};

/**
 * In the last 60 seconds before Slack posts a scheduled message, Slack does not delete the message.
 */
const tooLateSeconds = 60;

const refuseUnschedule = (args: Arguments, workspace: Workspace) => {
  if (!args.channel || !args.scheduled_message_id)
    return missing('channel', 'scheduled_message_id');
  if (!workspace.channel(args.channel)) return no('channel_not_found');
  const known = workspace
    .scheduled()
    .some(
      ({ id, channel, postAt }) =>
        id === args.scheduled_message_id &&
        channel === args.channel &&
        postAt - Date.now() / 1000 > tooLateSeconds / workspace.timeScale,
    );
  return known ? undefined : no('invalid_scheduled_message_id');
};

const deleteScheduledMessage: Method = (args, workspace) => {
  const done = () => yes({ ok: true } satisfies ChatDeleteScheduledMessageResponse);
  const refused = () => refuseUnschedule(args, workspace);
  return {
    read: refused,
    act: () => {
      const id = args.scheduled_message_id ?? '';
      workspace.unschedule(id);
      workspace.board.count('slack', 'chat.deleteScheduledMessage', `${args.channel} ${id}`);
      return done();
    },
    lie: () => refused() ?? done(),
  };
};

const listScheduled = (args: Arguments, workspace: Workspace, newest: 'shown' | 'missing') => {
  if (args.channel && !workspace.channel(args.channel)) return no('invalid_channel');
  const all = workspace.scheduled().filter(({ channel }) => channel === (args.channel || channel));
  const seen = newest === 'shown' ? all : all.slice(0, -1);
  return yes({
    ok: true,
    scheduled_messages: seen.map(({ id, channel, postAt, createdAt, text }) => ({
      id,
      channel_id: channel,
      post_at: postAt,
      date_created: createdAt,
      text,
    })),
    response_metadata: { next_cursor: '' },
  } satisfies ChatScheduledMessagesListResponse);
};

/**
 * Under the fault `lying-status`, a write reports success, but does nothing. The list of scheduled
 * messages lacks the newest entry.
 */
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.postEphemeral': postEphemeral,
  'chat.scheduleMessage': scheduleMessage,
  'chat.deleteScheduledMessage': deleteScheduledMessage,
  'chat.scheduledMessages.list': (args, workspace) => ({
    read: () => listScheduled(args, workspace, 'shown'),
    lie: () => listScheduled(args, workspace, 'missing'),
  }),
};
