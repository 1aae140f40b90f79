import { slackClient } from '../../activities/slack/client.ts';
import { deployId, planMemoKey, searchAttributes } from '../../domain/deploy/wire.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { ClickInput } from '../../sandbox/slack/clicks.ts';
import { nonceOf } from '../../worker/doors/slack/decision-of.ts';
import { readClick } from '../../worker/doors/slack/read-click.ts';
import { makeKey } from './keys.ts';
import { stage } from './click-attack.ts';
import type { ClickAttack } from './click-attack.ts';
import { environment, eventually } from './e2e.ts';
import type { Stack } from './e2e.ts';

/**
 * Changes the configuration. casey, who wrote all commits, becomes an approver. ci becomes the only
 * agent.
 */
export function castClicks(config: any) {
  const { approvers, requesters } = config;
  config.approvers = { ...approvers, casey: requesters.casey };
  config.requesters = { ci: { keys: [makeKey().publicKey], slack: 'U0CI' } };
}

/**
 * Adds a commit by casey and morgan. Then casey and morgan may not approve a deploy of this commit,
 * even if both sign.
 */
export async function writtenTogether({ fleet }: Stack, project: string) {
  const { git, github } = fleet.sandbox;
  const repository = `acme/${project}`;
  const author = { name: 'Casey', email: 'casey@example.com' };
  const message = 'Write it down\n\nCo-authored-by: morgan <morgan@example.com>';
  const files = { 'NOTES.md': 'Together.\n' };
  const sha = await git.repositories.commit(repository, { files, message, author });
  github.setCheckRun(repository, sha, { name: 'ci', status: 'completed', conclusion: 'success' });
}

/** Requests a deploy as morgan. Returns the sealed plan when the deploy waits for approval. */
export async function waitsFor(stack: Stack, project: string): Promise<SealedPlan> {
  const args = ['deploy', project, environment, '--detach', ...stack.as('morgan')];
  const { code, stderr } = await stack.cli(args);
  if (code !== 0) throw new Error(stderr);
  return (await stack.reached(project, 'approval')).sealed as SealedPlan;
}

/**
 * Somebody with access to the Temporal namespace terminates the deploy. Then this person starts a
 * workflow with the same id, in the state that the attack needs.
 */
export async function replace(stack: Stack, attack: ClickAttack, waits: SealedPlan) {
  const { asked } = stage(attack, waits);
  const { project } = waits.plan;
  await stack.handle(project).terminate();
  if (!asked.running) return;
  await stack.client.workflow.start('standIn', {
    workflowId: deployId(project, environment),
    taskQueue: 'nobody serves this',
    memo: { [planMemoKey]: asked.sealed },
    searchAttributes: { [searchAttributes.phase]: [asked.phase] },
  });
}

/** Posts the approval request again in a channel where everybody can press its buttons. */
export async function inTheOpen({ fleet }: Stack, project: string) {
  const { slack } = fleet.sandbox;
  const asked = await eventually(`robin is asked about ${project}`, () =>
    slack
      .messages()
      .find(
        ({ name, text }) => name === '@U0ROBIN' && text.includes(` be deployed to ${project} `),
      ),
  );
  const web = slackClient(slack.api, fleet.env['SLACK_BOT_TOKEN'] ?? '');
  const { text, blocks } = asked;
  const posted = await web.chat.postMessage({
    ...{ channel: '#deployments', text },
    blocks: blocks as never,
  });
  return { asked, open: { channel: posted.channel ?? '', ts: posted.ts ?? '' } };
}

/** The nonce that the bridge gives the click. */
export function nonceOfClick(payload: unknown): string {
  const click = readClick(payload, 'T0SANDBOX');
  if (!click) throw new Error('the payload is not a click on a button of Plimsoll');
  return nonceOf(click);
}

/**
 * Sends one click through the socket and another by HTTP. Then sends the first click again by HTTP
 * and the second through the socket.
 */
export async function pressBoth({ fleet }: Stack, url: string, input: () => ClickInput) {
  const { slack } = fleet.sandbox;
  const [one, other] = [slack.payload(input()), slack.payload(input())];
  if (!one || !other) throw new Error('the Slack stand-in has no message with this button');
  const answers = [
    await slack.socket.deliver(one),
    (await slack.post(url, other)).status === 200,
    (await slack.post(url, one)).status === 200,
    await slack.socket.deliver(other),
  ];
  if (answers.includes(false)) throw new Error(`a click is not acknowledged: ${answers.join(' ')}`);
}
