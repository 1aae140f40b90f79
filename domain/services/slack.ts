import { read, write } from './call.ts';
import type { VendorService } from './call.ts';

export const slack: VendorService = {
  title: 'Slack',
  specification: { name: '@slack/web-api', version: '8.2.0' },
  permissions: 'https://docs.slack.dev/reference/methods (a page for each method)',
  calls: [
    read('auth.test', 'check the token', { permission: null }),
    read('conversations.list', 'find the channels by their names', {
      permission: 'channels:read (and groups:read for private channels)',
      open: 'whether a page can be shorter than its limit in this workspace',
    }),
    read('conversations.history', 'find an earlier message', {
      permission: 'channels:history, groups:history or im:history, by the kind of channel',
    }),
    read('conversations.replies', 'find an earlier message in a thread', {
      permission: 'channels:history, groups:history or im:history, by the kind of channel',
    }),
    write('conversations.open', 'open the direct messages with an approver', {
      permission: 'im:write',
    }),
    write('chat.postMessage', 'post a message', {
      permission: 'chat:write',
      open: 'whether an administrator restricts posting in this channel',
    }),
    write('chat.update', 'edit its own message', { permission: 'chat:write' }),
    write('chat.postEphemeral', 'answer a click', { permission: 'chat:write' }),
    write('chat.scheduleMessage', "set the dead man's switch", {
      permission: 'chat:write',
      open: 'the limit of scheduled messages of this workspace',
    }),
    read('chat.scheduledMessages.list', "find the dead man's switch", { permission: null }),
    write('chat.deleteScheduledMessage', "clear the dead man's switch", {
      permission: 'chat:write',
    }),
    write('apps.connections.open', 'receive clicks by a socket', {
      permission: 'connections:write, on the app token',
    }),
  ],
};
