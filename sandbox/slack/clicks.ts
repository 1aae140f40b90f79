import { createHmac } from 'node:crypto';
import type { SocketMode } from './socket.ts';
import { bot, team } from './state.ts';
import type { Message, Workspace } from './state.ts';

/** Somebody presses a button that stands below a message; what a test forges is named. */
export type ClickInput = {
  user: string;
  button: 'Approve' | 'Reject';
  /** Default: the newest message to this user that has such a button. */
  message?: { channel: string; ts: string };
  /** Default: the clicker's workspace is ours. */
  team?: string;
  value?: string;
  actionTs?: string;
};
type Button = { type: string; action_id: string; value: string; text: { text: string } };

const buttonOf = ({ blocks }: Message, label: string): Button | undefined =>
  (blocks as { elements?: Button[] }[] | null)
    ?.flatMap(({ elements }) => elements ?? [])
    .find((element) => element.type === 'button' && element.text.text === label);

const pressed = (workspace: Workspace, { user, button, message }: ClickInput) => {
  const seen = workspace.messages.filter(({ channel, ts }) =>
    message
      ? message.channel === channel && message.ts === ts
      : workspace.channel(channel)?.user === user,
  );
  return seen.findLast((one) => buttonOf(one, button) !== undefined);
};

/** The payload of `block_actions`; undefined: there is no such button. */
export const blockActions = (workspace: Workspace, input: ClickInput) => {
  const message = pressed(workspace, input);
  const button = message && buttonOf(message, input.button);
  if (!button || !message) return undefined;
  const own = input.team ?? team.id;
  const { channel, ts, text, blocks } = message;
  return {
    type: 'block_actions',
    user: { id: input.user, username: input.user.toLowerCase(), team_id: own },
    api_app_id: bot.appId,
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    trigger_id: workspace.nextTs(),
    team: { id: own, domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel, name: 'directmessage' },
    message: { type: 'message', user: bot.id, ts, text, blocks, bot_id: bot.botId },
    response_url: 'https://hooks.slack.example/actions/never-called',
    actions: [
      {
        ...button,
        block_id: 'plimsoll_decision',
        value: input.value ?? button.value,
        action_ts: input.actionTs ?? workspace.nextTs(),
      },
    ],
  };
};
export type Interaction = NonNullable<ReturnType<typeof blockActions>>;

/** How a request is forged or replayed: the time it claims, the secret that signs it, its whole body. */
export type Forged = { at?: number; secret?: string; body?: string };

/** As Slack posts it to an app's request URL, signed v0. */
export const postInteraction = async (
  url: string,
  payload: unknown,
  { at = Date.now(), secret, body }: Forged & { secret: string },
): Promise<{ status: number; text: string }> => {
  const sent = body ?? new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const stamp = String(Math.floor(at / 1000));
  const mac = createHmac('sha256', secret).update(`v0:${stamp}:${sent}`).digest('hex');
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${mac}`,
    },
    body: sent,
  });
  return { status: answer.status, text: await answer.text() };
};

/** What tests and the demo press. */
export const createClicks = (workspace: Workspace, socket: SocketMode, signingSecret: string) => ({
  /** undefined: there is no such button. */
  payload: (input: ClickInput) => blockActions(workspace, input),
  /** Through the socket; false: there is no such button, or nobody acknowledged it. */
  click: async (input: ClickInput): Promise<boolean> => {
    const payload = blockActions(workspace, input);
    return payload ? await socket.deliver(payload) : false;
  },
  post: (url: string, payload: unknown, forged: Forged = {}) =>
    postInteraction(url, payload, { secret: signingSecret, ...forged }),
});
