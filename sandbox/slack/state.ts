import type { Board } from '../board.ts';

export type Channel = {
  id: string;
  name: string;
  kind: 'channel' | 'im';
  user?: string;
  isPrivate: boolean;
  isMember: boolean;
  isArchived: boolean;
};
/** A channel of the team. By default it is public, and the bot is a member. */
export type ChannelInput =
  | string
  | { name: string; isPrivate?: boolean; isMember?: boolean; isArchived?: boolean };
export type User = { id: string; name: string; email: string; isBot: boolean };
export type Metadata = { event_type: string; event_payload: Record<string, unknown> };
export type Message = {
  channel: string;
  ts: string;
  user: string;
  botId: string | null;
  text: string;
  blocks: unknown[] | null;
  threadTs: string | null;
  broadcast: boolean;
  metadata: Metadata | null;
  editedTs: string | null;
};
/** A message that only one user sees. The history of the channel does not contain it. */
type Ephemeral = { channel: string; user: string; text: string; ts: string };
export type Scheduled = Message & { id: string; postAt: number; createdAt: number };

export type Workspace = ReturnType<typeof createWorkspace>;

export const bot = { id: 'U0PLIMSOLL', botId: 'B0PLIMSOLL', appId: 'A0PLIMSOLL' };
export const team = { id: 'T0SANDBOX', name: 'Sandbox' };

const numbered = (letter: string, index: number) => `${letter}0${String(index).padStart(8, '0')}`;

/**
 * Returns a clock for `ts`, in seconds since 1970 with six decimals. The clock never returns the
 * same time twice, because `ts` identifies a message in its channel.
 */
const createClock = () => {
  let last = 0n;
  return () => {
    const now = BigInt(Date.now()) * 1000n;
    last = now > last ? now : last + 1n;
    return `${last / 1_000_000n}.${String(last % 1_000_000n).padStart(6, '0')}`;
  };
};

const usual = { isPrivate: false, isMember: true, isArchived: false };

const createChannels = (inputs: readonly ChannelInput[]) => {
  const channels: Channel[] = inputs.map((input, at) => {
    const { name, ...more } = typeof input === 'string' ? { name: input } : input;
    return {
      ...usual,
      ...more,
      id: numbered('C', at + 1),
      name: name.replace(/^#/, ''),
      kind: 'channel',
    };
  });
  const openIm = (user: string) => {
    const known = channels.find((channel) => channel.user === user);
    if (known) return known;
    const id = numbered('D', channels.length + 1);
    const im: Channel = { ...usual, id, name: '', kind: 'im', user };
    channels.push(im);
    return im;
  };
  /**
   * Returns true if the bot sees the channel. The bot sees every public channel. It sees a private
   * channel or a direct message only as a member.
   */
  const seen = ({ isPrivate, isMember }: Channel) => !isPrivate || isMember;
  return {
    channels,
    openIm,
    /** Finds a channel by its id. Only the methods that post a message also accept a name. */
    channel: (id: string) => channels.find((channel) => channel.id === id && seen(channel)),
    channelByName: (name: string) =>
      channels.find((c) => c.kind === 'channel' && c.name === name.replace(/^#/, '') && seen(c)),
    /** Replaces a channel with a new channel. The new channel has the same name but another id. */
    remake: (name: string) => {
      const at = channels.findIndex(
        (c) => c.kind === 'channel' && c.name === name.replace(/^#/, ''),
      );
      const old = channels[at];
      if (old) channels[at] = { ...old, id: numbered('C', channels.length + 100) };
    },
  };
};

const createMessages = (board: Board, nextTs: () => string) => {
  const messages: Message[] = [];
  let scheduled: Scheduled[] = [];
  return {
    messages,
    message: (channel: string, ts: string) =>
      messages.find((message) => message.channel === channel && message.ts === ts),
    remove: (channel: string, ts: string) => {
      const at = messages.findIndex((one) => one.channel === channel && one.ts === ts);
      if (at >= 0) messages.splice(at, 1);
    },
    scheduled: () => scheduled,
    schedule: (one: Scheduled) => void scheduled.push(one),
    unschedule: (id: string) => {
      scheduled = scheduled.filter((one) => one.id !== id);
    },
    /**
     * Posts the scheduled messages that are due. The stand-in has no timer. Instead, this function
     * runs before each call of a Slack method. Clients cannot see a difference. A message with
     * metadata is not posted. Source: docs.slack.dev/reference/methods/chat.scheduleMessage, "Bug
     * alert".
     */
    postDue: () => {
      const due = scheduled.filter(({ postAt }) => postAt * 1000 <= Date.now());
      scheduled = scheduled.filter((one) => !due.includes(one));
      for (const { id, postAt: _, createdAt: __, ...message } of due) {
        if (message.metadata) continue;
        messages.push({ ...message, ts: nextTs() });
        board.count('slack', 'scheduled message posted', `${message.channel} ${id}`);
      }
    },
  };
};

/**
 * Creates one team with its channels, people and messages. Slack's own time limits are divided by
 * `timeScale`.
 */
export const createWorkspace = (
  board: Board,
  channels: readonly ChannelInput[],
  people: User[],
  timeScale: number,
) => {
  const nextTs = createClock();
  const self = { id: bot.id, name: 'plimsoll', email: 'plimsoll@example.test', isBot: true };
  const users: User[] = [...people, self];
  const ephemerals: Ephemeral[] = [];
  return {
    board,
    timeScale,
    users,
    nextTs,
    ephemerals,
    ...createChannels(channels),
    ...createMessages(board, nextTs),
  };
};
