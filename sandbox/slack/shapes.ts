import type { ConversationsHistoryResponse } from '@slack/web-api';
import { bot, team } from './state.ts';
import type { Message } from './state.ts';

export type MessageElement = NonNullable<ConversationsHistoryResponse['messages']>[number];
type Stored = MessageElement['metadata'];

/**
 * Returns a message as Slack's API shows it. Slack stores blocks and metadata unchanged, so this
 * function does not check the types of blocks and metadata.
 */
export const messageOf = (message: Message, show: { metadata: boolean }) => ({
  type: 'message',
  user: message.user,
  ts: message.ts,
  text: message.text,
  team: team.id,
  ...(message.botId ? { bot_id: message.botId, app_id: bot.appId } : {}),
  ...(message.blocks ? { blocks: message.blocks as never[] } : {}),
  ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
  ...(message.editedTs ? { edited: { user: message.user, ts: message.editedTs } } : {}),
  ...(show.metadata && message.metadata
    ? { metadata: message.metadata as NonNullable<Stored> }
    : {}),
});
