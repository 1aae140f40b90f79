import type { WebClient } from '@slack/web-api';
import type { Words } from '../../domain/messages/slack-blocks.ts';
import { staleChannel } from '../../domain/messages/slack-refusal.ts';
import type { SlackAsk } from '../../domain/messages/slack-refusal.ts';
import { transient } from '../lib/fail.ts';
import { createChannels, createKnownIds } from './channels.ts';
import { slackFailure, slackWord } from './client.ts';
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
  /** Throws a final failure of type 'misconfigured' if the bot cannot read the channel. */
  mayRead(channel: string): Promise<void>;
  /**
   * Returns the messages of a deploy at the top level of a channel, oldest first. Reads at most
   * 4,000 messages of the channel, and only messages after `since` (epoch seconds).
   */
  inChannel(channel: string, deployId: string, since: number): Promise<Found[]>;
  /** Returns null if the first message of the thread was deleted. */
  inThread(channel: string, thread: string, deployId: string): Promise<Found[] | null>;
  post(post: Post): Promise<Found>;
  /** Returns false if the message was deleted. */
  edit(found: Found, post: Post): Promise<boolean>;
} & Scheduler;

/** Runs one request. Throws the failure that `slackFailure` makes. */
export type Ask = <T>(ask: Omit<SlackAsk, 'variable'>, call: () => Promise<T>) => Promise<T>;

type Raw = { ts?: string; metadata?: { event_type?: string; event_payload?: unknown } };
type Page = { messages?: Raw[]; response_metadata?: { next_cursor?: string } };

const eventType = 'plimsoll_deploy';
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

/** Runs `call`. Returns null if Slack answers that the message or its thread was deleted. */
async function unlessGone<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (cause) {
    const word = slackWord(cause);
    if (word === 'message_not_found' || word === 'thread_not_found') return null;
    throw cause;
  }
}

export function createSlackBoard(client: WebClient, variable: string): SlackBoard {
  const known = createKnownIds();
  const ask: Ask = async (asked, call) => {
    try {
      return await call();
    } catch (cause) {
      const { channel = '', what } = asked;
      const name = known.nameOf(channel) ?? channel;
      if (slackWord(cause) === 'channel_not_found' && known.forget(channel))
        throw transient(staleChannel(what, name));
      throw slackFailure(cause, { ...asked, variable, ...(channel ? { channel: name } : {}) });
    }
  };
  return {
    ...createChannels(client, ask, known, variable),
    ...createScheduler(client, ask),
    async mayRead(channel) {
      const what = 'the channel messages';
      await ask({ method: 'conversations.history', what, channel, effect: false }, () =>
        client.conversations.history({ channel, limit: 1 }),
      );
    },
    async inChannel(channel, deployId, since) {
      const what = 'the channel messages';
      const oldest = String(Math.floor(since));
      const options = { channel, oldest, limit: 200, include_all_metadata: true };
      const found = await ask(
        { method: 'conversations.history', what, channel, effect: false },
        () => allPages((cursor) => client.conversations.history({ ...options, ...at(cursor) })),
      );
      return ours(channel, deployId, found).toSorted((a, b) => Number(a.ts) - Number(b.ts));
    },
    async inThread(channel, thread, deployId) {
      const what = 'the thread messages';
      const options = { channel, ts: thread, limit: 200, include_all_metadata: true };
      const found = await ask(
        { method: 'conversations.replies', what, channel, effect: false },
        () =>
          unlessGone(() =>
            allPages((cursor) => client.conversations.replies({ ...options, ...at(cursor) })),
          ),
      );
      return found && ours(channel, deployId, found);
    },
    async post(post) {
      const { channel, words, thread, step } = post;
      const options = { channel, ...words, metadata: metadata(post), unfurl_links: false };
      const sent = await ask(
        { method: 'chat.postMessage', what: 'a message', channel, effect: true },
        () => client.chat.postMessage({ ...options, ...(thread ? { thread_ts: thread } : {}) }),
      );
      return { channel: sent.channel ?? channel, ts: sent.ts ?? '', step };
    },
    async edit({ channel, ts }, post) {
      const edited = await ask(
        { method: 'chat.update', what: 'an edit', channel, effect: true },
        () =>
          unlessGone(() =>
            client.chat.update({ channel, ts, ...post.words, metadata: metadata(post) }),
          ),
      );
      return edited !== null;
    },
  };
}

const at = (cursor: string | undefined) => (cursor ? { cursor } : {});
