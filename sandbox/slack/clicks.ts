import { createHmac } from 'node:crypto';
import type { SocketMode } from './socket.ts';
import { bot, team } from './state.ts';
import type { Message, Workspace } from './state.ts';

/**
 * A click of a person on a button below a message. A test can set the optional fields to forge a
 * click.
 */
export type ClickInput = {
  user: string;
  button: 'Approve' | 'Reject';
  /** Default: the newest direct message to this user that has the button. */
  message?: { channel: string; ts: string };
  /** The id of the Slack team. Default: the team of the sandbox. */
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

/** Returns the payload of `block_actions`, or undefined if no message has this button. */
const blockActions = (workspace: Workspace, input: ClickInput) => {
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

/**
 * Values that a test can set to forge or replay a request. `at` is the time of the request in epoch
 * milliseconds. `secret` signs the request. `body` replaces the whole body.
 */
export type Forged = { at?: number; secret?: string; body?: string };

/**
 * Posts the payload to the request URL of an app. Signs the request with version v0, as Slack does.
 */
const postInteraction = async (
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

/** Makes functions that click a button as a person would. */
export const createClicks = (workspace: Workspace, socket: SocketMode, signingSecret: string) => ({
  /** Returns the payload of a click, or undefined if no message has this button. */
  payload: (input: ClickInput) => blockActions(workspace, input),
  /**
   * Sends a click through the socket. Returns false if no message has this button, or if the app
   * did not acknowledge the click.
   */
  click: async (input: ClickInput): Promise<boolean> => {
    const payload = blockActions(workspace, input);
    return payload ? await socket.deliver(payload) : false;
  },
  post: (url: string, payload: unknown, forged: Forged = {}) =>
    postInteraction(url, payload, { secret: signingSecret, ...forged }),
});
