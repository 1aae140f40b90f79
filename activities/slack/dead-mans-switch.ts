import type { WebClient } from '@slack/web-api';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { Ask } from './board.ts';
import { plainWords } from '../../domain/messages/slack-blocks.ts';

/** A message that Slack posts by itself at `postAt` (epoch seconds) unless it is deleted. */
type Scheduled = { id: string; postAt: number };
export type Scheduler = {
  /**
   * Returns the scheduled messages of a deploy. Slack keeps no metadata for a scheduled message, so
   * the text of the message contains the deploy id.
   */
  scheduled(channel: string, deployId: string): Promise<Scheduled[]>;
  schedule(channel: string, text: string, postAt: number): Promise<void>;
  /**
   * Deletes a scheduled message. Nothing happens if the message does not exist, or if it is about
   * to be posted.
   */
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
    await ask('the deletion of a scheduled message', channel, true, async () => {
      try {
        await client.chat.deleteScheduledMessage({ channel, scheduled_message_id: id });
      } catch (cause) {
        const { data } = cause as { data?: { error?: string } };
        if (data?.error !== 'invalid_scheduled_message_id') throw cause;
      }
    });
  },
});

type DeadMansSwitch = Pick<PlainActivities, 'setDeadMansSwitch' | 'clearDeadMansSwitch'>;
type Open = () => Scheduler & { channelId(channel: string): Promise<string> };
type InOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Makes the activities that set and clear the dead man's switch. Slack cannot edit a scheduled
 * message. So a new message is scheduled first, and then the older messages are deleted. A late
 * attempt never deletes a message with a later time.
 */
export const createDeadMansSwitch = (open: Open, inOrder: InOrder): DeadMansSwitch => ({
  setDeadMansSwitch: ({ deploy: { deployId }, channel: name, text, postAt }) =>
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
  clearDeadMansSwitch: ({ deploy: { deployId }, channel: name }) =>
    inOrder(`${deployId} dead man`, async () => {
      const slack = open();
      const channel = await slack.channelId(name);
      for (const { id } of await slack.scheduled(channel, deployId))
        await slack.unschedule(channel, id);
      return true;
    }),
});
