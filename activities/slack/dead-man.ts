import type { WebClient } from '@slack/web-api';
import type { Activities } from '../../domain/activities.ts';
import type { Ask } from './board.ts';
import { plainWords } from './words.ts';

/** A message that Slack posts by itself at `postAt` (epoch seconds) unless it is taken back. */
export type Scheduled = { id: string; postAt: number };
export type Scheduler = {
  /** Those of one deploy; Slack keeps no metadata of them, so its id stands in the text. */
  scheduled(channel: string, deployId: string): Promise<Scheduled[]>;
  schedule(channel: string, text: string, postAt: number): Promise<void>;
  /** One that is gone already, or about to be posted, is left alone. */
  unschedule(channel: string, id: string): Promise<void>;
};

const mark = (deployId: string) => `(${deployId})`;

export const createScheduler = (client: WebClient, ask: Ask): Scheduler => ({
  async scheduled(channel, deployId) {
    const found: Scheduled[] = [];
    for (let cursor = '', page = 0; page < 20; page += 1) {
      const options = { channel, limit: 100, ...(cursor ? { cursor } : {}) };
      const answer = await ask('the list of scheduled messages', channel, false, () =>
        client.chat.scheduledMessages.list(options),
      );
      for (const { id, post_at: postAt, text } of answer.scheduled_messages ?? [])
        if (text?.includes(mark(deployId))) found.push({ id: String(id), postAt: Number(postAt) });
      cursor = answer.response_metadata?.next_cursor ?? '';
      if (!cursor) break;
    }
    return found;
  },
  async schedule(channel, text, postAt) {
    await ask('a scheduled message', channel, true, () =>
      client.chat.scheduleMessage({ channel, text, post_at: postAt }),
    );
  },
  async unschedule(channel, id) {
    await ask('taking back a scheduled message', channel, true, async () => {
      try {
        await client.chat.deleteScheduledMessage({ channel, scheduled_message_id: id });
      } catch (cause) {
        const { data } = cause as { data?: { error?: string } };
        if (data?.error !== 'invalid_scheduled_message_id') throw cause;
      }
    });
  },
});

type DeadMan = Pick<Activities, 'giveSignOfLife' | 'standDown'>;
type Open = () => Scheduler & { channelId(channel: string): Promise<string> };
type InOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * A scheduled message cannot be edited: the new one is there before the old one goes. A late attempt never takes
 * back what a newer sign of life scheduled.
 */
export const createDeadMan = (open: Open, inOrder: InOrder): DeadMan => ({
  giveSignOfLife: ({ deploy: { deployId }, channel: name, text, postAt }) =>
    inOrder(`${deployId} dead man`, async () => {
      const slack = open();
      const channel = await slack.channelId(name);
      const before = await slack.scheduled(channel, deployId);
      if (!before.some((one) => one.postAt >= postAt))
        await slack.schedule(channel, `${plainWords(text).text} ${mark(deployId)}`, postAt);
      for (const old of before.filter((one) => one.postAt < postAt))
        await slack.unschedule(channel, old.id);
      return true;
    }),
  standDown: ({ deploy: { deployId }, channel: name }) =>
    inOrder(`${deployId} dead man`, async () => {
      const slack = open();
      const channel = await slack.channelId(name);
      for (const { id } of await slack.scheduled(channel, deployId))
        await slack.unschedule(channel, id);
      return true;
    }),
});
