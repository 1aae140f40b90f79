import { read, write } from './call.ts';
import type { VendorService } from './call.ts';
import { slackScopes } from './slack-scopes.ts';
import type { SlackMethod } from './slack-scopes.ts';

/** Returns the scopes of a method: "channels:read, and groups:read for private channels". */
function scopesOf(method: SlackMethod): string {
  const of = (kind: 'always' | 'private channels') =>
    slackScopes
      .filter(({ needed, methods }) => needed === kind && methods.includes(method))
      .map(({ scope }) => scope)
      .join(', ');
  const more = of('private channels');
  return `${of('always')}${more === '' ? '' : `, and ${more} for private channels`}`;
}

type Needed = (typeof slackScopes)[number]['needed'];

const scopes = (...kinds: Needed[]) =>
  slackScopes
    .filter(({ needed }) => kinds.includes(needed))
    .map(({ scope, needed, use }) => ({
      name: scope,
      needed: needed === 'always' ? needed : `only for ${needed}`,
      use: `to ${use}`,
    }));

export const slack: VendorService = {
  title: 'Slack',
  specification: { name: '@slack/web-api', version: '8.2.0' },
  permissions: 'https://docs.slack.dev/reference/methods (a page for each method)',
  tokens: [
    { name: 'bot token, public channels', permissions: scopes('always') },
    { name: 'bot token, private channels', permissions: scopes('always', 'private channels') },
    {
      name: 'app-level token',
      permissions: [
        {
          name: 'connections:write',
          needed: 'only if `slack.approvals.appToken` is set',
          use: 'to receive clicks by a socket',
        },
      ],
    },
  ],
  unverified: [],
  calls: [
    read('auth.test', 'check the token', { permission: null }),
    read('conversations.list', 'find the channels by their names', {
      permission: scopesOf('conversations.list'),
      open: 'whether a page can be shorter than its limit in this workspace',
    }),
    read('conversations.history', 'find an earlier message', {
      permission: scopesOf('conversations.history'),
    }),
    read('conversations.replies', 'find an earlier message in a thread', {
      permission: scopesOf('conversations.replies'),
    }),
    write('conversations.open', 'open the direct messages with an approver', {
      permission: scopesOf('conversations.open'),
    }),
    write('chat.postMessage', 'post a message', {
      permission: scopesOf('chat.postMessage'),
      open: 'whether an administrator restricts posting in this channel',
    }),
    write('chat.update', 'edit its own message', { permission: scopesOf('chat.update') }),
    write('chat.postEphemeral', 'answer a click', { permission: scopesOf('chat.postEphemeral') }),
    write('chat.scheduleMessage', "set the dead man's switch", {
      permission: scopesOf('chat.scheduleMessage'),
      open: 'the limit of scheduled messages of this workspace',
    }),
    read('chat.scheduledMessages.list', "find the dead man's switch", { permission: null }),
    write('chat.deleteScheduledMessage', "clear the dead man's switch", {
      permission: scopesOf('chat.deleteScheduledMessage'),
    }),
    write('apps.connections.open', 'receive clicks by a socket', {
      permission: 'connections:write, on the app token',
    }),
  ],
};
