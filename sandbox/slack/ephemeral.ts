import type { ChatPostEphemeralResponse } from '@slack/web-api';
import { missing, no, refuseContent, yes } from './methods.ts';
import type { Method } from './methods.ts';

/**
 * Posts a message that only one user sees. In a direct message, only the user of that channel can
 * receive the message.
 */
export const postEphemeral: Method = (args, workspace) => {
  const { channel = '', user = '', text = '' } = args;
  const done = (ts: string) =>
    yes({ ok: true, message_ts: ts } satisfies ChatPostEphemeralResponse);
  const refused = () => {
    if (!channel || !user) return missing('channel', 'user');
    const target = workspace.channel(channel);
    if (!target) return no('channel_not_found');
    if (target.isArchived) return no('is_archived');
    if (!target.isMember) return no('not_in_channel');
    if (target.kind === 'im' && target.user !== user) return no('user_not_in_channel');
    return refuseContent(args);
  };
  return {
    read: refused,
    act: () => {
      const ts = workspace.nextTs();
      workspace.ephemerals.push({ channel, user, text, ts });
      workspace.board.count('slack', 'chat.postEphemeral', `${channel} ${ts}`);
      return done(ts);
    },
    lie: () => refused() ?? done(workspace.nextTs()),
  };
};
