import { z } from 'zod';
import type * as schema from '../../../domain/config/config.ts';
import type { Click } from '../../../domain/approval/slack-click.ts';
import { slackActions } from '../../../domain/approval/slack-button.ts';
import { SlackButton, SlackClick } from '../../../domain/config/slack.ts';

/** The fields that are read from a `block_actions` payload. Slack sends many more. */
const Interaction = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  container: z.object({ channel_id: z.string(), message_ts: z.string() }),
  actions: z
    .array(z.object({ action_id: z.string(), action_ts: z.string(), value: z.string().nullish() }))
    .length(1),
});

/**
 * Reads a click. Returns null if the payload is not a click on a button of Plimsoll.
 */
export function readClick(payload: unknown, team: string): Click | null {
  const parsed = Interaction.safeParse(payload);
  if (!parsed.success) return null;
  const { user, container, actions } = parsed.data;
  const [{ action_id: id, action_ts: action, value } = { action_id: '', action_ts: '' }] = actions;
  const verb =
    id === slackActions.approve ? 'approve' : id === slackActions.reject ? 'reject' : null;
  const click = SlackClick.safeParse({
    user: user.id,
    // In a shared channel, the member and the app may belong to different workspaces. A click
    // counts only if both belong to the configured workspace. So if one of them belongs to another
    // workspace, `team` names that other workspace.
    team:
      [parsed.data.team?.id, user.team_id].find((one) => one && one !== team) ??
      teamOf(parsed.data),
    channel: container.channel_id,
    message: container.message_ts,
    action,
  });
  if (verb === null || !click.success) return null;
  return { ...click.data, verb, button: readButton(value ?? '') };
}

const teamOf = ({ team, user }: z.infer<typeof Interaction>) => team?.id ?? user.team_id ?? '';

function readButton(value: string): schema.SlackButton | null {
  try {
    return SlackButton.safeParse(JSON.parse(value)).data ?? null;
  } catch {
    return null;
  }
}
