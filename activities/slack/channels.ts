import type { WebClient } from '@slack/web-api';
import { failures } from '../../domain/deploy/failures.ts';
import {
  archivedChannel,
  noSuchChannel,
  tooManyChannels,
} from '../../domain/messages/slack-refusal.ts';
import { final } from '../lib/fail.ts';
import type { Ask } from './board.ts';
import { slackWord } from './client.ts';

/**
 * Known ids of channels and direct messages. The key is the channel name or the id of the member.
 */
export type KnownIds = {
  get(name: string): string | undefined;
  set(name: string, id: string): void;
  /** Returns the name of an id, such as "#deployments", or undefined if the id is not known. */
  nameOf(id: string): string | undefined;
  /** Removes an id that Slack does not know any more. Returns true if there was such an id. */
  forget(id: string): boolean;
};

/** Keeps the newest `most` ids. */
export function createKnownIds(most = 500): KnownIds {
  const ids = new Map<string, string>();
  return {
    get: (name) => ids.get(name),
    set(name, id) {
      ids.delete(name);
      ids.set(name, id);
      const [oldest] = ids.keys();
      if (ids.size > most && oldest !== undefined) ids.delete(oldest);
    },
    nameOf: (id) => [...ids].find(([, known]) => known === id)?.[0],
    forget(id) {
      const names = [...ids].flatMap(([name, known]) => (known === id ? [name] : []));
      for (const name of names) ids.delete(name);
      return names.length > 0;
    },
  };
}

type Kind = 'public_channel' | 'private_channel';
type Channel = { id: string; archived: boolean };
/** `hidden` is Slack's error if the token may not list channels of this kind. */
type Found = Channel | { hidden: Error };

const listing = {
  method: 'conversations.list',
  what: 'the list of channels',
  effect: false,
} as const;

/** The largest number of pages to read. 200 pages are at most 200,000 channels. */
const mostPages = 200;

const cannot = (text: string) => final(failures.misconfigured, text);

/** Returns the functions that find the id of a channel and of the direct messages with a member. */
export function createChannels(client: WebClient, ask: Ask, known: KnownIds, variable: string) {
  const search = createSearch(client, ask);
  const lookUp = async (channel: string, name: string): Promise<Channel> => {
    const inPublic = await search('public_channel', name);
    if (inPublic && 'id' in inPublic) return inPublic;
    const inPrivate = await search('private_channel', name);
    if (inPrivate && 'id' in inPrivate) return inPrivate;
    if (inPublic) return await ask(listing, () => Promise.reject(inPublic.hidden));
    throw cannot(noSuchChannel(channel, variable, inPrivate !== undefined));
  };
  return {
    async channelId(channel: string): Promise<string> {
      if (/^[CGD][A-Z0-9]{8,}$/.test(channel)) return channel;
      const name = channel.replace(/^#/, '');
      const before = known.get(`#${name}`);
      if (before !== undefined) return before;
      const { id, archived } = await lookUp(channel, name);
      if (archived) throw cannot(archivedChannel(channel));
      known.set(`#${name}`, id);
      return id;
    },
    async directMessage(user: string): Promise<string> {
      const before = known.get(user);
      if (before !== undefined) return before;
      const call = {
        method: 'conversations.open',
        what: 'a direct message',
        channel: user,
      } as const;
      const opened = await ask({ ...call, effect: false }, () =>
        client.conversations.open({ users: user }),
      );
      const id = opened.channel?.id;
      if (!id) throw cannot(noSuchChannel(user, variable, false));
      known.set(user, id);
      return id;
    },
  };
}

/**
 * Makes the function that searches the list of channels for a name. The function returns undefined
 * if there is no such channel. One call searches either public or private channels, because Slack
 * refuses a request for both kinds if one scope is missing. The list also contains archived
 * channels. Leaving them out would not save pages, because Slack cuts the list into pages first.
 */
function createSearch(client: WebClient, ask: Ask) {
  // An attempt may end before the last page. Then the next attempt continues at the same page.
  const reached = new Map<string, string>();
  const page = (kind: Kind, key: string, cursor: string | undefined) =>
    ask(listing, async () => {
      try {
        const options = { types: kind, limit: 999, ...(cursor ? { cursor } : {}) };
        return await client.conversations.list(options);
      } catch (cause) {
        const word = slackWord(cause);
        if (word === 'invalid_cursor') reached.delete(key);
        if (word === 'missing_scope') return { hidden: cause as Error };
        throw cause;
      }
    });
  return async (kind: Kind, name: string): Promise<Found | undefined> => {
    const key = `${kind} ${name}`;
    let cursor = reached.get(key);
    for (let pages = 0; pages < mostPages; pages += 1) {
      const answer = await page(kind, key, cursor);
      if ('hidden' in answer) return { hidden: answer.hidden as Error };
      const channel = answer.channels?.find((one) => one.name === name);
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor && !channel?.id) reached.set(key, cursor);
      else reached.delete(key);
      if (channel?.id) return { id: channel.id, archived: channel.is_archived === true };
      if (!cursor) return undefined;
    }
    throw cannot(tooManyChannels(`#${name}`, mostPages));
  };
}
