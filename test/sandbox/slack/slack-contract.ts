import { z } from 'zod';

/**
 * Schemas of Slack's responses, written by hand from Slack's API reference. The types of the
 * library's WebClient are no proof, because every field is optional in them.
 */
const Ts = z.string().regex(/^\d{10}\.\d{6}$/);
const Channel = z.string().regex(/^[CD][A-Z0-9]{8,}$/);
const Ok = z.object({ ok: z.literal(true) });
const Metadata = z.object({
  event_type: z.string(),
  event_payload: z.record(z.string(), z.unknown()),
});
const Message = z.object({
  type: z.literal('message'),
  user: z.string(),
  text: z.string(),
  bot_id: z.string().optional(),
  ts: Ts,
  thread_ts: Ts.optional(),
  metadata: Metadata.optional(),
});

export const PostMessage = Ok.extend({ channel: Channel, ts: Ts, message: Message });
export const Update = Ok.extend({ channel: Channel, ts: Ts, text: z.string() });
export const ScheduleMessage = Ok.extend({
  channel: Channel,
  scheduled_message_id: z.string().regex(/^Q/),
  post_at: z.number().int(),
});
export const ScheduledMessages = Ok.extend({
  scheduled_messages: z.array(
    z.object({
      id: z.string(),
      channel_id: Channel,
      post_at: z.number().int(),
      date_created: z.number().int(),
      text: z.string(),
    }),
  ),
});
export const History = Ok.extend({ messages: z.array(Message), has_more: z.boolean() });
export const Open = Ok.extend({ channel: z.object({ id: z.string().regex(/^D/) }) });
export const Channels = Ok.extend({
  channels: z.array(
    z.object({ id: Channel, name: z.string(), is_channel: z.boolean(), is_archived: z.boolean() }),
  ),
});
export const AuthTest = Ok.extend({
  url: z.url(),
  team: z.string(),
  team_id: z.string(),
  user: z.string(),
  user_id: z.string(),
});
export const UserInfo = Ok.extend({
  user: z.object({
    id: z.string(),
    name: z.string(),
    deleted: z.boolean(),
    is_bot: z.boolean(),
    profile: z.object({ email: z.email() }),
  }),
});
