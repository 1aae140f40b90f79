import { no } from './methods.ts';
import type { Arguments } from './methods.ts';
import type { Reply } from '../http.ts';
import type { Workspace } from './state.ts';

/**
 * The scopes that a bot token needs. Source: "Scopes" on the page of each method at
 * docs.slack.dev/reference/methods. `auth.test` and `chat.scheduledMessages.list` need none.
 */
const write = () => ['chat:write'];

const ofType: Record<string, string> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};

export const typesOf = (args: Arguments) => (args.types || 'public_channel').split(/\s*,\s*/);

const readMessages = (args: Arguments, workspace: Workspace) => {
  const channel = workspace.channel(args.channel ?? '');
  if (!channel) return [];
  if (channel.kind === 'im') return ['im:history'];
  return [channel.isPrivate ? 'groups:history' : 'channels:history'];
};

const needed: Record<string, (args: Arguments, workspace: Workspace) => string[]> = {
  'chat.postMessage': write,
  'chat.update': write,
  'chat.postEphemeral': write,
  'chat.scheduleMessage': write,
  'chat.deleteScheduledMessage': write,
  'conversations.open': () => ['im:write'],
  // If one scope is missing, Slack refuses the whole request, also for the types that the token may
  // list.
  'conversations.list': (args) => typesOf(args).map((type) => ofType[type] ?? 'invalid'),
  'conversations.history': readMessages,
  'conversations.replies': readMessages,
  'users.info': () => ['users:read', 'users:read.email'],
  'apps.connections.open': () => ['connections:write'],
};

export type Token = { kind: 'bot' | 'app'; scopes: readonly string[] };

/**
 * Returns two headers that every answer to a known token has. They contain the scopes of the token,
 * and the scopes that the method needs.
 */
export const scopeHeaders = (
  method: string,
  token: Token,
  args: Arguments,
  workspace: Workspace,
) => {
  const accepted = needed[method]?.(args, workspace) ?? [];
  return {
    'x-oauth-scopes': token.scopes.join(','),
    ...(accepted.length > 0 ? { 'x-accepted-oauth-scopes': accepted.join(',') } : {}),
  };
};

export const refuseScope = (
  method: string,
  token: Token,
  args: Arguments,
  workspace: Workspace,
): Reply | undefined => {
  if ((method === 'apps.connections.open') !== (token.kind === 'app'))
    return no('not_allowed_token_type');
  if (method === 'conversations.list' && typesOf(args).some((type) => !ofType[type]))
    return no('invalid_types');
  const missing = (needed[method]?.(args, workspace) ?? []).filter(
    (scope) => !token.scopes.includes(scope),
  );
  if (missing.length === 0) return undefined;
  return no('missing_scope', { needed: missing.join(','), provided: token.scopes.join(',') });
};
