/**
 * The error words that Slack documents. Sources: the page of each method below
 * docs.slack.dev/reference/methods, and the error lists of slackapi/slack-api-specs at bc08db4
 * (web-api/slack_web_openapi_v2.json, version 1.7.0).
 */
const everyMethod = [
  ...['access_denied', 'accesslimited', 'account_inactive', 'deprecated_endpoint'],
  ...['ekm_access_denied', 'enterprise_is_restricted', 'fatal_error', 'internal_error'],
  ...['invalid_arg_name', 'invalid_arguments', 'invalid_array_arg', 'invalid_auth'],
  ...['invalid_charset', 'invalid_form_data', 'invalid_json', 'invalid_post_type'],
  ...['json_not_object', 'method_deprecated', 'missing_post_type', 'missing_scope'],
  ...['no_permission', 'not_allowed_token_type', 'not_authed', 'org_login_required'],
  ...['ratelimited', 'request_timeout', 'service_unavailable', 'team_access_not_granted'],
  ...['team_added_to_org', 'token_expired', 'token_revoked', 'two_factor_setup_required'],
  ...['unknown_method', 'upgrade_required'],
];

/** The errors of every method that writes a message. */
const message = [
  ...['as_user_not_supported', 'channel_not_found', 'is_archived', 'not_in_channel'],
  ...['invalid_attachments', 'invalid_blocks', 'invalid_blocks_format', 'too_many_attachments'],
  ...['invalid_metadata_format', 'invalid_metadata_schema', 'metadata_must_be_sent_from_app'],
  ...['metadata_too_large', 'messages_tab_disabled', 'msg_blocks_too_long', 'msg_too_long'],
  ...['no_text', 'rate_limited', 'message_limit_exceeded', 'markdown_text_conflict'],
  ...['restricted_action', 'restricted_action_non_threadable_channel'],
  ...['restricted_action_read_only_channel', 'restricted_action_thread_locked'],
  ...['restricted_action_thread_only_channel', 'slack_connect_file_link_sharing_blocked'],
  ...['team_not_found', 'thread_not_found', 'user_not_in_channel'],
  ...['duplicate_channel_not_found', 'duplicate_message_not_found'],
];

const byMethod: Record<string, string[]> = {
  'apps.connections.open': ['forbidden_team', 'invalid_app', 'internal_error'],
  'auth.test': [],
  'chat.deleteScheduledMessage': [
    ...['bad_token', 'channel_not_found', 'invalid_scheduled_message_id'],
  ],
  'chat.postEphemeral': message,
  'chat.postMessage': message,
  'chat.scheduledMessages.list': ['invalid_channel', 'invalid_cursor'],
  'chat.scheduleMessage': [
    ...message,
    ...['invalid_time', 'restricted_too_many', 'time_in_past', 'time_too_far'],
  ],
  'chat.update': [
    ...message,
    ...['block_mismatch', 'cant_update_message', 'edit_window_closed', 'is_inactive'],
    ...['message_not_found', 'streaming_state_conflict', 'update_failed'],
  ],
  'conversations.history': [
    ...['channel_not_found', 'invalid_cursor', 'invalid_limit', 'not_in_channel'],
    ...['invalid_metadata_keys', 'invalid_ts_latest', 'invalid_ts_oldest'],
  ],
  'conversations.list': ['invalid_cursor', 'invalid_limit', 'invalid_types'],
  'conversations.open': [
    ...['channel_not_found', 'invalid_user_combination', 'not_enough_users', 'too_many_users'],
    ...['method_not_supported_for_channel_type', 'users_list_not_supplied', 'user_disabled'],
    ...['user_not_found', 'user_not_visible', 'users_not_found', 'cannot_dm_bot'],
  ],
  'conversations.replies': [
    ...['channel_not_found', 'invalid_cursor', 'invalid_limit', 'not_in_channel'],
    ...['invalid_metadata_keys', 'invalid_ts_latest', 'invalid_ts_oldest', 'thread_not_found'],
  ],
};

/** true: Slack documents this error word for this method. */
export const isSlackError = (method: string, word: string) =>
  everyMethod.includes(word) || (byMethod[method] ?? []).includes(word);
