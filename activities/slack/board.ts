import type { WebClient } from '@slack/web-api';
import type { Words } from '../../domain/messages/slack-blocks.ts';
import { noChannel, slackFailure } from './client.ts';
import { createScheduler } from './dead-mans-switch.ts';
import type { Scheduler } from './dead-mans-switch.ts';

/**
 * A message that Plimsoll posted. The metadata of the message contains the deploy id and the step.
 */
export type Found = { channel: string; ts: string; step: string };
export type Post = {
  channel: string;
  deployId: string;
  step: string;
  words: Words;
  thread?: string;
};

/**
 * Reads and writes the messages of a Slack workspace. `slackFailure` turns every error into a
 * failure.
 */
export type SlackBoard = {
  /**
   * Returns the id of a channel. `channel` is "#name" or already an id. Throws a final failure of
   * type 'misconfigured' if there is no such channel.
   */
  channelId(channel: string): Promise<string>;
  directMessage(user: string): Promise<string>;
  /**
   * Returns the messages of a deploy at the top level of a channel, oldest first. Only the last
   * three days are read.
   */
  inChannel(channel: string, deployId: string): Promise<Found[]>;
  inThread(channel: string, thread: string, deployId: string): Promise<Found[]>;
  post(post: Post): Promise<Found>;
  edit(found: Found, post: Post): Promise<void>;
} & Scheduler;

type Raw = { ts?: string; metadata?: { event_type?: string; event_payload?: unknown } };
type Page = { messages?: Raw[]; response_metadata?: { next_cursor?: string } };

const eventType = 'plimsoll_deploy';
const readBackSeconds = 3 * 24 * 3600;
const mostPages = 20;

const metadata = ({ deployId, step }: Post) => ({
  event_type: eventType,
  event_payload: { deploy_id: deployId, step },
});

function ours(channel: string, deployId: string, messages: readonly Raw[]): Found[] {
  return messages.flatMap(({ ts, metadata: data }) => {
    const payload = (data?.event_payload ?? {}) as { deploy_id?: unknown; step?: unknown };
    const known = data?.event_type === eventType && payload.deploy_id === deployId;
    return known && ts ? [{ channel, ts, step: String(payload.step) }] : [];
  });
}

async function allPages(read: (cursor: string | undefined) => Promise<Page>): Promise<Raw[]> {
  const found: Raw[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await read(cursor);
    found.push(...(answer.messages ?? []));
    cursor = answer.response_metadata?.next_cursor || undefined;
    if (!cursor) break;
  }
  return found;
}

export function createSlackBoard(client: WebClient, variable: string): SlackBoard {
  const ask = async <T>(what: string, channel: string, effect: boolean, call: () => Promise<T>) => {
    try {
      return await call();
    } catch (cause) {
      throw slackFailure(cause, { what, channel, variable, effect });
    }
  };
  return {
    ...places(client, ask),
    ...createScheduler(client, ask),
    async inChannel(channel, deployId) {
      const oldest = String(Math.floor(Date.now() / 1000) - readBackSeconds);
      const options = { channel, oldest, limit: 200, include_all_metadata: true };
      const found = await ask('the channel messages', channel, false, () =>
        allPages((cursor) => client.conversations.history({ ...options, ...at(cursor) })),
      );
      return ours(channel, deployId, found).toSorted((a, b) => Number(a.ts) - Number(b.ts));
    },
    async inThread(channel, thread, deployId) {
      const options = { channel, ts: thread, limit: 200, include_all_metadata: true };
      const found = await ask('the thread messages', channel, false, () =>
        allPages((cursor) => client.conversations.replies({ ...options, ...at(cursor) })),
      );
      return ours(channel, deployId, found);
    },
    async post(post) {
      const { channel, words, thread, step } = post;
      const options = { channel, ...words, metadata: metadata(post), unfurl_links: false };
      const sent = await ask('a message', channel, true, () =>
        client.chat.postMessage({ ...options, ...(thread ? { thread_ts: thread } : {}) }),
      );
      return { channel: sent.channel ?? channel, ts: sent.ts ?? '', step };
    },
    async edit({ channel, ts }, post) {
      await ask('an edit', channel, true, () =>
        client.chat.update({ channel, ts, ...post.words, metadata: metadata(post) }),
      );
    },
  };
}

const at = (cursor: string | undefined) => (cursor ? { cursor } : {});

export type Ask = <T>(
  what: string,
  channel: string,
  effect: boolean,
  call: () => Promise<T>,
) => Promise<T>;

function places(client: WebClient, ask: Ask): Pick<SlackBoard, 'channelId' | 'directMessage'> {
  const known = new Map<string, string>();
  const load = async (channel: string) => {
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const options = {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 999,
      };
      const answer = await ask('the list of channels', channel, false, () =>
        client.conversations.list({ ...options, ...at(cursor) }),
      );
      for (const { id, name } of answer.channels ?? []) if (id && name) known.set(name, id);
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (!cursor) return;
    }
  };
  return {
    async channelId(channel) {
      if (/^[CGD][A-Z0-9]{8,}$/.test(channel)) return channel;
      const name = channel.replace(/^#/, '');
      if (!known.has(name)) await load(channel);
      const id = known.get(name);
      if (!id) throw noChannel(channel);
      return id;
    },
    async directMessage(user) {
      const opened = await ask('a direct message', user, false, () =>
        client.conversations.open({ users: user }),
      );
      if (!opened.channel?.id) throw noChannel(user);
      return opened.channel.id;
    },
  };
}
