import { slackClient } from '../../activities/slack/client.ts';
import { deployId, planMemoKey, searchAttributes } from '../../domain/messages.ts';
import type { SealedPlan } from '../../domain/plan.ts';
import type { ClickInput } from '../../sandbox/slack/clicks.ts';
import { nonceOf } from '../../worker/slack/decision-of.ts';
import { readClick } from '../../worker/slack/read-click.ts';
import { makeKey } from './keys.ts';
import { stage } from './click-attack.ts';
import type { ClickAttack } from './click-attack.ts';
import { environment, eventually } from './e2e.ts';
import type { Stack } from './e2e.ts';

/** Casey, who wrote every commit of the fleet, is an approver here, and ci is the agent. */
export function castClicks(config: any) {
  const { approvers, requesters } = config;
  config.approvers = { ...approvers, casey: requesters.casey };
  config.requesters = { ci: { keys: [makeKey().publicKey], slack: 'U0CI' } };
}

/** One more commit, by casey and morgan together: what neither of them may approve, both may not. */
export async function writtenTogether({ fleet }: Stack, project: string) {
  const { git, github } = fleet.sandbox;
  const repository = `acme/${project}`;
  const author = { name: 'Casey', email: 'casey@example.com' };
  const message = 'Write it down\n\nCo-authored-by: morgan <morgan@example.com>';
  const files = { 'NOTES.md': 'Together.\n' };
  const sha = await git.repositories.commit(repository, { files, message, author });
  github.setCheckRun(repository, sha, { name: 'ci', status: 'completed', conclusion: 'success' });
}

/** Requested by morgan; once it waits for its approval. */
export async function waitsFor(stack: Stack, project: string): Promise<SealedPlan> {
  const args = ['deploy', project, environment, '--detach', ...stack.as('morgan')];
  const { code, stderr } = await stack.cli(args);
  if (code !== 0) throw new Error(stderr);
  return (await stack.reached(project, 'approval')).sealed as SealedPlan;
}

/** Somebody with access to the namespace ends the deploy, and puts in its place what the attack needs. */
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

/** The request once more, in a channel where everybody can press its buttons and be told. */
export async function inTheOpen({ fleet }: Stack, project: string) {
  const { slack } = fleet.sandbox;
  const asked = await eventually(`robin is asked about ${project}`, () =>
    slack
      .messages()
      .find(({ name, text }) => name === '@U0ROBIN' && text.startsWith(`May ${project} `)),
  );
  const web = slackClient(slack.api, fleet.env['SLACK_BOT_TOKEN'] ?? '');
  const { text, blocks } = asked;
  const posted = await web.chat.postMessage({
    ...{ channel: '#deployments', text },
    blocks: blocks as never,
  });
  return { asked, open: { channel: posted.channel ?? '', ts: posted.ts ?? '' } };
}

/** As the bridge numbers it. */
export function nonceOfClick(payload: unknown): string {
  const click = readClick(payload, 'T0SANDBOX');
  if (!click) throw new Error('it is no click of ours');
  return nonceOf(click);
}

/** One click through the socket and another by HTTP; then each of them once more, through the other door. */
export async function pressBoth({ fleet }: Stack, url: string, input: () => ClickInput) {
  const { slack } = fleet.sandbox;
  const [one, other] = [slack.payload(input()), slack.payload(input())];
  if (!one || !other) throw new Error('there is no such button');
  const answers = [
    await slack.socket.deliver(one),
    (await slack.post(url, other)).status === 200,
    (await slack.post(url, one)).status === 200,
    await slack.socket.deliver(other),
  ];
  if (answers.includes(false)) throw new Error(`not all are acknowledged: ${answers.join(' ')}`);
}
