import type {
  AppsConnectionsOpenResponse,
  AuthTestResponse,
  ChatDeleteScheduledMessageResponse,
  ChatPostEphemeralResponse,
  ChatPostMessageResponse,
  ChatScheduledMessagesListResponse,
  ChatScheduleMessageResponse,
  ChatUpdateResponse,
  ConversationsHistoryResponse,
  ConversationsListResponse,
  ConversationsOpenResponse,
  ConversationsRepliesResponse,
} from '@slack/web-api';

/** `Type` with these fields present. Slack's library declares every field as optional. */
type With<Type, Fields extends keyof Type> = Type & Required<Pick<Type, Fields>>;

// Slack's answer to each method, by the types of Slack's library: AuthTest for auth.test. The fields
// that Slack's reference shows in every answer are required. schemas/slack.json is generated from
// this file: npm run contract:schemas.
export type AppsConnectionsOpen = With<AppsConnectionsOpenResponse, 'url'>;
export type AuthTest = With<AuthTestResponse, 'url' | 'team' | 'team_id' | 'user' | 'user_id'>;
export type ChatDeleteScheduledMessage = ChatDeleteScheduledMessageResponse;
export type ChatPostEphemeral = With<ChatPostEphemeralResponse, 'message_ts'>;
export type ChatPostMessage = With<ChatPostMessageResponse, 'channel' | 'message' | 'ts'>;
export type ChatScheduledMessagesList = With<
  ChatScheduledMessagesListResponse,
  'scheduled_messages'
>;
export type ChatScheduleMessage = With<
  ChatScheduleMessageResponse,
  'channel' | 'post_at' | 'scheduled_message_id'
>;
export type ChatUpdate = With<ChatUpdateResponse, 'channel' | 'text' | 'ts'>;
export type ConversationsHistory = With<ConversationsHistoryResponse, 'has_more' | 'messages'>;
export type ConversationsList = With<ConversationsListResponse, 'channels'>;
export type ConversationsOpen = With<ConversationsOpenResponse, 'channel'>;
export type ConversationsReplies = With<ConversationsRepliesResponse, 'messages'>;
