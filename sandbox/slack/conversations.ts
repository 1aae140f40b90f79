import type {
  AuthTestResponse,
  ConversationsHistoryResponse,
  ConversationsListResponse,
  ConversationsOpenResponse,
  ConversationsRepliesResponse,
  UsersInfoResponse,
} from '@slack/web-api';
import { missing, no, truthy, yes } from './methods.ts';
import type { Arguments, Method } from './methods.ts';
import { messageOf } from './shapes.ts';
import type { MessageElement } from './shapes.ts';
import { typesOf } from './scopes.ts';
import { bot, team } from './state.ts';
import type { Channel, Message, Workspace } from './state.ts';

/**
 * Returns one page of the items. `limit` is 100 by default and at most 999. Clients send the cursor
 * back unchanged.
 */
const slice = <Item>(args: Arguments, items: Item[]) => {
  const limit = Math.min(999, Math.max(1, Number(args.limit ?? 100) || 100));
  const from = args.cursor ? Number(Buffer.from(args.cursor, 'base64').toString()) : 0;
  const more = from + limit < items.length;
  const next = more ? Buffer.from(String(from + limit)).toString('base64') : '';
  return { page: items.slice(from, from + limit), more, next };
};

const inWindow = (args: Arguments, { ts }: Message) => {
  const at = Number(ts);
  const [oldest, latest] = [Number(args.oldest ?? 0), Number(args.latest ?? Infinity)];
  return truthy(args.inclusive) ? at >= oldest && at <= latest : at > oldest && at < latest;
};

const element = (args: Arguments, workspace: Workspace, message: Message): MessageElement => {
  const replies = workspace.messages.filter(
    ({ channel, threadTs }) => channel === message.channel && threadTs === message.ts,
  );
  const latest = replies.at(-1);
  return {
    ...messageOf(message, { metadata: truthy(args.include_all_metadata) }),
    ...(latest && {
      thread_ts: message.ts,
      reply_count: replies.length,
      latest_reply: latest.ts,
    }),
  };
};

/**
 * With "stale", a read leaves out the newest message, like a database replica that is not up to
 * date.
 */
type Freshness = 'fresh' | 'stale';
const known = (workspace: Workspace, channel: string, freshness: Freshness) => {
  const all = workspace.messages.filter((message) => message.channel === channel);
  return freshness === 'fresh' ? all : all.slice(0, -1);
};

const history = (args: Arguments, workspace: Workspace, freshness: Freshness) => {
  if (!args.channel) return missing('channel');
  const channel = workspace.channel(args.channel);
  if (!channel) return no('channel_not_found');
  if (!channel.isMember) return no('not_in_channel');
  const found = known(workspace, args.channel, freshness)
    .filter((message) => !message.threadTs || message.broadcast)
    .filter((message) => inWindow(args, message))
    .toReversed();
  const { page, more, next } = slice(args, found);
  return yes({
    ok: true,
    messages: page.map((message) => element(args, workspace, message)),
    has_more: more,
    pin_count: 0,
    ...(more ? { response_metadata: { next_cursor: next } } : {}),
  } satisfies ConversationsHistoryResponse);
};

const replies = (args: Arguments, workspace: Workspace, freshness: Freshness) => {
  if (!args.channel || !args.ts) return missing('channel', 'ts');
  if (!workspace.channel(args.channel)) return no('channel_not_found');
  const all = known(workspace, args.channel, freshness);
  const parent = workspace.message(args.channel, args.ts);
  if (!parent) return no('thread_not_found');
  const thread = all.filter(({ threadTs }) => threadTs === (parent.threadTs ?? parent.ts));
  const found = [parent, ...thread.filter((message) => inWindow(args, message))];
  const { page, more, next } = slice(args, found);
  return yes({
    ok: true,
    messages: page.map((message) => element(args, workspace, message)),
    has_more: more,
    ...(more ? { response_metadata: { next_cursor: next } } : {}),
  } satisfies ConversationsRepliesResponse);
};

const channelOf = ({ id, name, isPrivate, isMember, isArchived }: Channel) => ({
  id,
  name,
  name_normalized: name,
  is_channel: true,
  is_group: false,
  is_im: false,
  is_mpim: false,
  is_private: isPrivate,
  is_archived: isArchived,
  is_general: false,
  is_member: isMember,
  is_shared: false,
  created: 1_767_225_600,
  creator: bot.id,
});

/**
 * The largest number of channels in one answer. The documentation of conversations.list says:
 * "fewer than the requested number of items may be returned".
 */
const mostListed = 200;

/**
 * Returns one page of the channels. Slack first cuts the list into pages, and then removes the
 * archived channels from each page. So a page before the end of the list may be shorter than the
 * limit, or empty.
 */
const list: Method = (args, workspace) => ({
  read: () => {
    const types = typesOf(args);
    const named = workspace.channels.filter(
      ({ kind, isPrivate, isMember }) =>
        kind === 'channel' &&
        types.includes(isPrivate ? 'private_channel' : 'public_channel') &&
        (!isPrivate || isMember),
    );
    const limit = String(Math.min(mostListed, Number(args.limit ?? 100)));
    const { page, next } = slice({ ...args, limit }, named);
    const shown = truthy(args.exclude_archived) ? page.filter((one) => !one.isArchived) : page;
    return yes({
      ok: true,
      channels: shown.map(channelOf),
      response_metadata: { next_cursor: next },
    } satisfies ConversationsListResponse);
  },
});

const open: Method = (args, workspace) => {
  const wanted = (args.users ?? '').split(',').filter(Boolean);
  const answer = (channel: Channel, already: boolean) =>
    yes({
      ok: true,
      ...(already ? { no_op: true, already_open: true } : {}),
      channel: { id: channel.id, is_im: true, ...(channel.user ? { user: channel.user } : {}) },
    } satisfies ConversationsOpenResponse);
  return {
    read: () => {
      if (wanted.length !== 1) return missing('users');
      if (!workspace.users.some(({ id }) => id === wanted[0])) return no('user_not_found');
      const im = workspace.channels.find(({ user }) => user === wanted[0]);
      return im && answer(im, true);
    },
    act: () => {
      const im = workspace.openIm(wanted[0] ?? '');
      workspace.board.count('slack', 'conversations.open', `${im.id} ${im.user}`);
      return answer(im, false);
    },
  };
};

const authTest: Method = () => ({
  read: () =>
    yes({
      ok: true,
      url: 'https://sandbox.slack.example/',
      team: team.name,
      team_id: team.id,
      user: 'plimsoll',
      user_id: bot.id,
      bot_id: bot.botId,
      is_enterprise_install: false,
    } satisfies AuthTestResponse),
});

const usersInfo: Method = (args, workspace) => ({
  read: () => {
    const user = workspace.users.find(({ id }) => id === args.user);
    if (!user) return no('user_not_found');
    const { id, name, email, isBot } = user;
    return yes({
      ok: true,
      user: {
        id,
        name,
        team_id: team.id,
        real_name: name,
        deleted: false,
        is_bot: isBot,
        profile: { real_name: name, display_name: name, email },
      },
    } satisfies UsersInfoResponse);
  },
});

/**
 * The methods whose names begin with conversations, auth or users. Under the fault `lying-status`,
 * the history and the replies lack the newest message of the channel.
 */
export const conversationMethods: Record<string, Method> = {
  'conversations.history': (args, workspace) => ({
    read: () => history(args, workspace, 'fresh'),
    lie: () => history(args, workspace, 'stale'),
  }),
  'conversations.replies': (args, workspace) => ({
    read: () => replies(args, workspace, 'fresh'),
    lie: () => replies(args, workspace, 'stale'),
  }),
  'conversations.list': list,
  'conversations.open': open,
  'auth.test': authTest,
  'users.info': usersInfo,
};
