import { slackScopes } from '../services/slack-scopes.ts';
import type { SlackMethod } from '../services/slack-scopes.ts';

/** A request to Slack. `what` and `channel` are for the text of a failure. */
export type SlackAsk = {
  method: SlackMethod;
  what: string;
  /** The channel, the member or the address of the request. Absent: the request names none. */
  channel?: string;
  /** The name of the variable that holds the token. */
  variable: string;
  effect: boolean;
};

/**
 * The error word in Slack's answer. `needed` has the missing scopes if the word is missing_scope.
 */
export type SlackWord = { error: string; needed?: string | undefined };

/**
 * 'final': only a person can help. 'transient': the same request may work later. 'maybe': the same
 * request may work later, but a part of the request may already be done.
 */
type Kind = 'final' | 'transient' | 'maybe';
export type SlackRefusal = { kind: Kind; text: string; waitMs?: number };

type Row = {
  kind: Kind;
  /** The reason as a clause. '': the error word itself is the reason. */
  why: string;
  /** true: Slack refused the token, not only this request. */
  token?: true;
  /** The remedy for people. Only final failures have a remedy. */
  remedy?: (ask: SlackAsk) => string;
  waitMs?: number;
};

const methodPage = ({ method }: SlackAsk) => `https://docs.slack.dev/reference/methods/${method}`;

const app = (ask: SlackAsk) => ask.method === 'apps.connections.open';
const setAndStart = ({ variable }: SlackAsk) =>
  `set ${variable} where the worker is started, and start the worker again.`;

const newToken = (ask: SlackAsk) => `Make a new token, ${setAndStart(ask)}`;
const rightToken = (ask: SlackAsk) =>
  (app(ask)
    ? 'Make an app-level token (xapp-…) with connections:write under "App-Level Tokens" of the app, '
    : 'Take the "Bot User OAuth Token" (xoxb-…) from "OAuth & Permissions" of the app, ') +
  setAndStart(ask);
const withoutRotation = (ask: SlackAsk) =>
  'Plimsoll does not renew tokens, and Slack cannot switch token rotation off for an app. ' +
  `Make a new app from the manifest in docs/slack.md, ${setAndStart(ask)}`;
const invite = () =>
  'Invite the bot to the channel (/invite), or correct the channel under slack: in plimsoll.yaml.';
const unarchive = () =>
  'Unarchive the channel at Slack, or name another channel under slack: in plimsoll.yaml.';
const letPost = () =>
  'Let the bot post there (channel settings, "Posting permissions"), or name another channel under ' +
  'slack: in plimsoll.yaml.';
const letThread = () =>
  'Allow threads in the channel, or name another channel under slack: in plimsoll.yaml.';
const member = () =>
  'Correct the member id of this person in plimsoll.yaml (in Slack: profile, ⋮, "Copy member ID"), ' +
  'or remove it there. Until then this person approves by key.';
const administrator = (ask: SlackAsk) =>
  `Ask an administrator of the Slack workspace to allow it: ${methodPage(ask)}`;
const network = () =>
  'Add the address of the worker\'s machine under "OAuth & Permissions", "Restrict API Token Usage" ' +
  'of the app, or to the allowed addresses of the workspace.';
const inWorkspace = (ask: SlackAsk) =>
  `Install the app in the workspace itself and not for the whole organization, ${setAndStart(ask)}`;
const update = (ask: SlackAsk) =>
  `Update Plimsoll: npm install plimsoll@latest. About the method: ${methodPage(ask)}`;
const messagesTab = () =>
  'Switch on "Messages Tab" under "App Home" of the app, as the manifest in docs/slack.md does.';
const defect = (ask: SlackAsk) =>
  `Plimsoll sent a request that Slack does not accept. Report this text to the maintainers of Plimsoll. About the word: ${methodPage(ask)}`;
const clock = () =>
  'Nothing is lost while the deploy runs: Plimsoll soon schedules the message again, with a later ' +
  "time. If this text comes again, correct the clock of the worker's machine.";

const usualWaitMs = 30_000;

const table: readonly [words: readonly string[], row: Row][] = [
  // Errors about the token.
  [
    ['invalid_auth', 'not_authed', 'invalid_token', 'bad_token'],
    { kind: 'final', token: true, why: '', remedy: newToken },
  ],
  [
    ['account_inactive', 'token_revoked'],
    {
      kind: 'final',
      token: true,
      why: 'the app was removed from the workspace, or the token was revoked',
      remedy: newToken,
    },
  ],
  [
    ['token_expired'],
    {
      kind: 'final',
      token: true,
      why: 'the token has expired, because token rotation is switched on for the app',
      remedy: withoutRotation,
    },
  ],
  [
    ['not_allowed_token_type', 'missing_args'],
    { kind: 'final', token: true, why: 'it is a token of another kind', remedy: rightToken },
  ],
  [
    ['is_bot'],
    {
      kind: 'final',
      token: true,
      why: 'the token belongs to a bot of an old kind',
      remedy: (ask) => `Make an app from the manifest in docs/slack.md, ${setAndStart(ask)}`,
    },
  ],
  [
    ['two_factor_setup_required'],
    {
      kind: 'final',
      why: 'the workspace requires two-factor authentication, and the person who installed the app has not set it up',
      remedy: () => 'Ask this person to set up two-factor authentication at Slack.',
    },
  ],

  // Errors about the workspace and its administrators.
  [
    ['access_denied', 'app_access_restricted', 'forbidden_team', 'send_on_behalf_not_allowed'],
    { kind: 'final', why: 'the app may not do this', remedy: administrator },
  ],
  [
    ['accesslimited'],
    { kind: 'final', why: 'Slack does not accept requests from this network', remedy: network },
  ],
  [
    ['ekm_access_denied'],
    {
      kind: 'final',
      why: 'administrators have suspended sending messages',
      remedy: administrator,
    },
  ],
  [
    ['enterprise_is_restricted', 'team_not_found'],
    {
      kind: 'final',
      token: true,
      why: 'the token belongs to an organization, not to one workspace',
      remedy: inWorkspace,
    },
  ],
  [
    ['org_login_required', 'team_added_to_org', 'external_channel_migrating'],
    {
      kind: 'transient',
      why: 'Slack is moving the workspace or the channel to another organization',
      waitMs: 60_000,
    },
  ],

  // Errors about the channel.
  [
    ['channel_not_found', 'invalid_channel'],
    { kind: 'final', why: 'the bot sees no such channel', remedy: invite },
  ],
  [
    ['not_in_channel', 'no_permission'],
    { kind: 'final', why: 'the bot is not a member of the channel', remedy: invite },
  ],
  [
    ['channel_is_limited_access', 'method_not_supported_for_channel_type'],
    {
      kind: 'final',
      why: 'Slack does not allow this in channels of this kind',
      remedy: () => 'Name an ordinary channel under slack: in plimsoll.yaml.',
    },
  ],
  [
    ['is_archived', 'is_inactive'],
    { kind: 'final', why: 'the channel is archived', remedy: unarchive },
  ],
  [
    [
      'restricted_action',
      'restricted_action_read_only_channel',
      'restricted_action_thread_only_channel',
      'posting_to_channel_denied',
    ],
    { kind: 'final', why: 'the bot may not post in the channel', remedy: letPost },
  ],
  [
    [
      'restricted_action_non_threadable_channel',
      'restricted_action_thread_locked',
      'cannot_reply_to_message',
    ],
    {
      kind: 'final',
      why: 'the channel or the thread does not take replies',
      remedy: letThread,
    },
  ],

  // Errors about people.
  [
    ['user_not_found', 'user_not_visible', 'invalid_user_combination'],
    { kind: 'final', why: 'the bot sees no such member', remedy: member },
  ],
  [
    ['user_disabled'],
    { kind: 'final', why: 'the account of the member is disabled', remedy: member },
  ],
  [
    ['user_not_in_channel'],
    {
      kind: 'final',
      why: 'the person is not in the channel any more',
      remedy: () => 'The person joins the channel, and clicks again.',
    },
  ],
  [
    ['messages_tab_disabled'],
    {
      kind: 'final',
      why: 'people cannot get direct messages of the app',
      remedy: messagesTab,
    },
  ],

  // Errors about messages that were posted before.
  [
    ['message_not_found', 'thread_not_found', 'invalid_scheduled_message_id'],
    { kind: 'transient', why: 'the message was deleted' },
  ],
  [
    ['cant_update_message'],
    {
      kind: 'final',
      why: 'another app posted the message, so the text stays as it is',
      remedy: (ask) =>
        `If you made the app anew, you need to do nothing. If not: ${rightToken(ask)}`,
    },
  ],
  [
    ['edit_window_closed'],
    {
      kind: 'final',
      why: 'the workspace allows edits for a short time only, so the text stays as it is',
      remedy: administrator,
    },
  ],

  // Errors about scheduled messages.
  [['time_in_past'], { kind: 'final', why: 'the time of the message has passed', remedy: clock }],
  [
    ['time_too_far', 'invalid_time'],
    {
      kind: 'final',
      why: 'Slack takes only times within the next 120 days',
      remedy: clock,
    },
  ],
  [
    ['restricted_too_many'],
    {
      kind: 'transient',
      why: 'Slack takes at most 30 scheduled messages for 5 minutes of one channel',
    },
  ],

  // Errors because of load or an outage.
  [
    ['ratelimited', 'rate_limited', 'message_limit_exceeded'],
    { kind: 'transient', why: 'there were too many requests', waitMs: usualWaitMs },
  ],
  [
    ['service_unavailable', 'request_timeout'],
    { kind: 'transient', why: 'Slack could not handle it' },
  ],
  // Slack's documentation says about the first two words: a part of the request may have succeeded.
  [
    ['internal_error', 'fatal_error', 'update_failed'],
    { kind: 'maybe', why: 'Slack could not complete it' },
  ],
  [['invalid_cursor'], { kind: 'transient', why: 'the list changed while it was read' }],

  // Errors because Slack has changed its interface.
  [
    ['deprecated_endpoint', 'method_deprecated', 'unknown_method'],
    { kind: 'final', why: 'Slack does not offer this method any more', remedy: update },
  ],

  // Errors that no request of Plimsoll should cause. Either the request is wrong, or the error
  // belongs to a feature that Plimsoll does not use.
  [
    [
      'insecure_request',
      'invalid_arg_name',
      'invalid_arguments',
      'invalid_array_arg',
      'invalid_charset',
      'invalid_form_data',
      'invalid_post_type',
      'missing_post_type',
      'missing_argument',
      'invalid_limit',
      'invalid_types',
      'invalid_ts_latest',
      'invalid_ts_oldest',
      'invalid_metadata_filter_keys',
      'users_list_not_supplied',
      'not_enough_users',
      'too_many_users',
    ],
    { kind: 'final', why: 'the request is wrong', remedy: defect },
  ],
  [
    [
      'no_text',
      'msg_too_long',
      'msg_blocks_too_long',
      'invalid_blocks',
      'invalid_blocks_format',
      'block_mismatch',
      'invalid_attachments',
      'too_many_attachments',
      'attachment_payload_limit_exceeded',
      'too_many_contact_cards',
      'markdown_text_conflict',
      'invalid_metadata_format',
      'invalid_metadata_schema',
      'metadata_too_large',
      'metadata_must_be_sent_from_app',
      'as_user_not_supported',
    ],
    { kind: 'final', why: 'the message is wrong', remedy: defect },
  ],
  [
    [
      'blocked_file_type',
      'cant_broadcast_message',
      'draft_already_deleted',
      'draft_already_sent',
      'draft_has_conflict',
      'draft_not_found',
      'duplicate_channel_not_found',
      'duplicate_message_not_found',
      'file_deleted',
      'file_is_deleted',
      'file_not_found',
      'file_share_limit_reached',
      'list_record_comment_fetch_failed',
      'max_file_sharing_exceeded',
      'missing_file_data',
      'no_dual_broadcast_content_update',
      'slack_connect_blocked_file_type',
      'slack_connect_canvas_sharing_blocked',
      'slack_connect_clip_sharing_blocked',
      'slack_connect_file_link_sharing_blocked',
      'slack_connect_file_upload_sharing_blocked',
      'slack_connect_lists_sharing_blocked',
      'streaming_state_conflict',
      'unable_to_share_files',
    ],
    {
      kind: 'final',
      why: 'it concerns files, drafts or broadcasts, which Plimsoll does not send',
      remedy: defect,
    },
  ],
];

const rows: ReadonlyMap<string, Row> = new Map(
  table.flatMap(([words, row]) => words.map((word) => [word, row] as const)),
);

/**
 * All error words with a known cause. missing_scope is not in the table, because its text depends
 * on the scopes.
 */
export const knownSlackWords: readonly string[] = [...rows.keys(), 'missing_scope'];

/**
 * Returns the reason why Slack refused a request, whether the request may work later, and the
 * remedy.
 */
export function slackRefusal({ error, needed }: SlackWord, ask: SlackAsk): SlackRefusal {
  if (error === 'missing_scope') return { kind: 'final', text: lacksScope(needed, ask) };
  const row = rows.get(error);
  if (!row) return { kind: 'final', text: unknownWord(error, ask) };
  const { kind, why, remedy, waitMs, token } = row;
  const refused = token
    ? `Slack does not accept the token in ${ask.variable}`
    : `Slack refused the request for ${ask.what}${place(ask)}`;
  const head = `${refused} (${error})${why ? `: ${why}` : ''}.`;
  return {
    kind,
    text: remedy ? `${head}\n${remedy(ask)}` : head,
    ...(waitMs === undefined ? {} : { waitMs }),
  };
}

const place = ({ channel, variable, method }: SlackAsk) => {
  if (method === 'auth.test' || method === 'apps.connections.open') return ` with ${variable}`;
  if (channel === undefined) return '';
  return /^[UW][A-Z0-9]+$/.test(channel) ? ` to ${channel}` : ` in ${channel}`;
};

const unknownWord = (error: string, ask: SlackAsk) =>
  `Slack refused the request for ${ask.what}${place(ask)} with a word that Plimsoll does not know: ${error}.\n` +
  `The meaning of the word: ${methodPage(ask)}`;

function lacksScope(needed: string | undefined, ask: SlackAsk) {
  const head = (scopes: string) =>
    `Slack refused the request for ${ask.what}${place(ask)}, because the token in ${ask.variable} ` +
    `lacks the scope ${scopes}.`;
  if (app(ask)) return `${head('connections:write')}\n${rightToken(ask)}`;
  const ours = scopesFor(needed, ask);
  const names = ours.map(({ scope }) => scope).join(' or ') || needed || 'for this request';
  return (
    `${head(names)}${ours.length === 1 ? ` ${ours[0]?.lost}` : ''}\n` +
    'Add the scope under "OAuth & Permissions", "Bot Token Scopes" of the app, and install the app again.'
  );
}

/**
 * Slack may name several scopes although one of them is enough. Returns the scopes in `slackScopes`
 * that fit the method and the channel.
 */
function scopesFor(needed: string | undefined, { method, channel = '' }: SlackAsk) {
  const named = needed?.split(/\s*,\s*/);
  const direct = /^[DUW][A-Z0-9]+$/.test(channel);
  return slackScopes.filter(
    ({ scope, methods }) =>
      methods.includes(method) &&
      (named === undefined || named.includes(scope)) &&
      (!scope.endsWith(':history') || scope.startsWith('im:') === direct),
  );
}

const underSlack = 'under slack: in plimsoll.yaml';

/**
 * Returns the text about a channel name that the bot cannot find. `hidden`: private channels were
 * not searched.
 */
export const noSuchChannel = (channel: string, variable: string, hidden: boolean) =>
  hidden
    ? `Slack has no public channel "${channel}". Private channels were not searched, because the ` +
      `token in ${variable} lacks the scope groups:read.\n` +
      `Correct the name ${underSlack}. If the channel is private, add groups:read and groups:history ` +
      'under "OAuth & Permissions", "Bot Token Scopes" of the app, install the app again, and invite ' +
      'the bot to the channel (/invite).'
    : `Slack has no channel "${channel}" that the bot may see.\n` +
      `Invite the bot to the channel (/invite), or give the id of the channel (C…) ${underSlack}.`;

export const archivedChannel = (channel: string) =>
  `The channel "${channel}" is archived at Slack.\n${unarchive()}`;

export const tooManyChannels = (channel: string, pages: number) =>
  `Plimsoll read ${pages} pages of Slack's list of channels and did not find "${channel}".\n` +
  `Give the id of the channel (C…) ${underSlack}.`;

/**
 * Returns the line of the worker's log if the known id of a channel or a direct message is not
 * valid any more.
 */
export const staleChannel = (what: string, channel: string) =>
  `The id of ${channel} at Slack is not valid any more. The request for ${what} is made again with ` +
  'the id that Slack gives now.';

export const slackBusy = ({ what }: SlackAsk) =>
  `Slack has a limit for requests and refused the request for ${what}.`;

export const slackSilent = ({ what }: SlackAsk, why: string | number) =>
  `Slack did not answer the request for ${what} (${why}).`;

export const messageGone = ({ what }: Pick<SlackAsk, 'what'>) =>
  `Slack did not find the message for ${what}.`;

/** Returns the text of `plimsoll doctor` about a token that expires after 12 hours. */
export const rotatingToken = (variable: string) =>
  `The Slack token in ${variable} ends after 12 hours, because token rotation is switched on for the app (it begins with xoxe.).\n` +
  withoutRotation({ method: 'auth.test', what: '', variable, effect: false });
