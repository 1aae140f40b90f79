import type { SealedPlan } from '../deploy/plan.ts';
import { buttonValue, slackActions } from '../approval/slack-button.ts';
import { noClick } from '../approval/slack-door.ts';
import type { ActionsBlock, Button, ConfirmationDialog } from './slack-blocks.ts';

type Verb = keyof typeof slackActions;

const plain = (text: string) => ({ type: 'plain_text' as const, text });

const labels: Record<Verb, { text: string; style: 'primary' | 'danger' }> = {
  approve: { text: 'Approve', style: 'primary' },
  reject: { text: 'Reject', style: 'danger' },
};

/**
 * Returns the dialog that Slack shows after a tap, so that an accidental tap changes nothing. Slack
 * allows 300 characters of text. The text fits, because a name has at most 63 characters.
 */
function confirm(verb: Verb, { plan, digest }: SealedPlan): ConfirmationDialog {
  const { project, environment, sha } = plan;
  const where = `${project} ${environment}`;
  const yes = `Deploy ${sha.slice(0, 7)} to ${where}? Plan ${digest.slice(0, 12)}.`;
  const no = `Close this deploy of ${where}? Nothing is deployed.`;
  return {
    title: plain(labels[verb].text),
    text: plain(verb === 'approve' ? yes : no),
    confirm: plain(labels[verb].text),
    deny: plain('Cancel'),
    style: labels[verb].style,
  };
}

const button = (verb: Verb, sealed: SealedPlan): Button => ({
  type: 'button',
  action_id: slackActions[verb],
  text: plain(labels[verb].text),
  style: labels[verb].style,
  value: buttonValue(sealed),
  confirm: confirm(verb, sealed),
});

/** Returns the buttons whose clicks count for this plan; null: no click counts. */
export function buttons(sealed: SealedPlan): ActionsBlock | null {
  const { plan } = sealed;
  if (plan.rule.required === 0 || plan.rule.slack === undefined) return null;
  const verbs: Verb[] = noClick(plan) === null ? ['approve', 'reject'] : ['reject'];
  const elements = verbs.map((verb) => button(verb, sealed));
  return { type: 'actions', block_id: 'plimsoll_decision', elements };
}
