import type { WebClient } from '@slack/web-api';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { Ask } from './board.ts';
import { slackWord } from './client.ts';
import { plainWords } from '../../domain/messages/slack-blocks.ts';

/** A message that Slack posts at `postAt` (epoch seconds), if nobody deletes the message before. */
type Scheduled = { id: string; postAt: number };
export type Scheduler = {
  /**
   * Returns the scheduled messages of a deploy. Slack keeps no metadata for a scheduled message, so
   * the text of the message contains the deploy id.
   */
  scheduled(channel: string, deployId: string): Promise<Scheduled[]>;
  /**
   * Schedules a message for `postAt`. If Slack's limit is reached, the time is up to 20 minutes
   * later.
   */
  schedule(channel: string, text: string, postAt: number): Promise<void>;
  /**
   * Deletes a scheduled message. Does nothing if the message does not exist, or if Slack is about
   * to post it.
   */
  unschedule(channel: string, id: string): Promise<void>;
};

const mark = (deployId: string) => `(${deployId})`;

/**
 * Slack accepts at most 30 scheduled messages in any 5 minutes of one channel. If this limit is
 * reached, Plimsoll tries the next 5 minutes, at most `mostWindows` times.
 */
const windowSeconds = 5 * 60;
const mostWindows = 4;

export const createScheduler = (client: WebClient, ask: Ask): Scheduler => ({
  async scheduled(channel, deployId) {
    const found: Scheduled[] = [];
    for (let cursor = '', page = 0; page < 20; page += 1) {
      const options = { channel, limit: 100, ...(cursor ? { cursor } : {}) };
      const what = 'the list of scheduled messages';
      const answer = await ask(
        { method: 'chat.scheduledMessages.list', what, channel, effect: false },
        () => client.chat.scheduledMessages.list(options),
      );
      for (const { id, post_at: postAt, text } of answer.scheduled_messages ?? [])
        if (text?.includes(mark(deployId))) found.push({ id: String(id), postAt: Number(postAt) });
      cursor = answer.response_metadata?.next_cursor ?? '';
      if (!cursor) break;
    }
    return found;
  },
  async schedule(channel, text, postAt) {
    const what = 'a scheduled message';
    await ask({ method: 'chat.scheduleMessage', what, channel, effect: true }, async () => {
      for (let window = 0; ; window += 1) {
        try {
          const post_at = postAt + window * windowSeconds;
          return await client.chat.scheduleMessage({ channel, text, post_at });
        } catch (cause) {
          // Slack did not schedule the message, so the next five minutes can be tried.
          if (slackWord(cause) !== 'restricted_too_many' || window >= mostWindows) throw cause;
        }
      }
    });
  },
  async unschedule(channel, id) {
    const what = 'the deletion of a scheduled message';
    await ask({ method: 'chat.deleteScheduledMessage', what, channel, effect: true }, async () => {
      try {
        await client.chat.deleteScheduledMessage({ channel, scheduled_message_id: id });
      } catch (cause) {
        if (slackWord(cause) !== 'invalid_scheduled_message_id') throw cause;
      }
    });
  },
});

type DeadMansSwitch = Pick<PlainActivities, 'setDeadMansSwitch' | 'clearDeadMansSwitch'>;
type Open = () => Scheduler & { channelId(channel: string): Promise<string> };
type InOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Makes the activities that set and clear the dead man's switch. Slack cannot edit a scheduled
 * message. So the activity that sets the switch first schedules a new message, and then deletes the
 * older messages. A late attempt never deletes a message with a later time.
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
