import { z } from 'zod';
import type * as schema from '../../domain/schema.ts';
import type { Click } from '../../domain/policy/slack-click.ts';
import { slackActions } from '../../domain/policy/slack-button.ts';
import { SlackButton, SlackClick } from '../../domain/schema/slack.ts';

/** What we read of a `block_actions` payload; Slack sends far more. */
const Interaction = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  container: z.object({ channel_id: z.string(), message_ts: z.string() }),
  actions: z
    .array(z.object({ action_id: z.string(), action_ts: z.string(), value: z.string().nullish() }))
    .length(1),
});

/** null: it is no click on a button of ours, so nobody waits for an answer. */
export function readClick(payload: unknown, team: string): Click | null {
  const parsed = Interaction.safeParse(payload);
  if (!parsed.success) return null;
  const { user, container, actions } = parsed.data;
  const [{ action_id: id, action_ts: action, value } = { action_id: '', action_ts: '' }] = actions;
  const verb =
    id === slackActions.approve ? 'approve' : id === slackActions.reject ? 'reject' : null;
  const click = SlackClick.safeParse({
    user: user.id,
    // In a shared channel the member is of another workspace than the app: neither may differ.
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
