import { Board } from '../../../../sandbox/board.ts';
import { startSlack } from '../../../../sandbox/slack/slack.ts';
import { buttons } from '../../../../domain/messages/slack-buttons.ts';
import { slackClient } from '../../../../activities/slack/client.ts';
import { sealDigest } from '../../../../activities/lib/seal-digest.ts';
import type { Plan, SealedPlan } from '../../../../domain/deploy/plan.ts';
import { openGate, planFor } from '../../../support/plan.ts';

const member = (id: string) => ({
  id,
  name: id.toLowerCase(),
  email: `${id}@example.test`,
  isBot: false,
});

/** Returns a sealed plan that has waited for a minute. One click is enough to approve this plan. */
export function clickable(over: Partial<Plan> = {}): SealedPlan {
  const now = Date.now();
  const plan = planFor({
    requestedBy: 'morgan',
    plannedAt: new Date(now - 60_000).toISOString(),
    notAfter: new Date(now + 3_600_000).toISOString(),
    rule: {
      ...{
        required: 1,
        reasons: ['production needs a human'],
        notAlone: [['casey', 'morgan']],
        solo: 'off',
      },
      ...{ eligible: ['robin', 'carol'], slack: 'one' },
    },
    ...over,
  });
  const gates = [openGate('tests', plan.plannedAt)];
  return { plan, gates, digest: sealDigest(plan, gates) };
}

/** Starts the Slack stand-in with one message, which asks robin to approve the plan. */
export async function askedSlack(sealed = clickable(), ackMs = 300) {
  const tokens = { token: 'xoxb-bot', appToken: 'xapp-app', signingSecret: 'signing' };
  const users = ['U0ROBIN', 'U0CAROL', 'U0MORGAN', 'U0CASEY', 'U0CI'].map(member);
  const board = new Board();
  const slack = await startSlack({ board, ...tokens, users, ackMs });
  const web = slackClient(slack.api, tokens.token);
  const ask = async (user: string, about = sealed) => {
    const { channel } = await web.conversations.open({ users: user });
    const door = buttons(about);
    await web.chat.postMessage({
      ...{ channel: channel?.id ?? '', text: 'May it ship?' },
      ...(door ? { blocks: [door] } : {}),
    });
  };
  await ask('U0ROBIN');
  return { slack, board, sealed, ask };
}
