import type { Activities, Note, PlainActivities } from '../../domain/contract/activities.ts';
import type { Config } from '../../domain/config/config.ts';
import { currentActivity } from '../lib/temporal-context.ts';
import { createSlackBoard } from './board.ts';
import type { Found, Post, SlackBoard } from './board.ts';
import { createDeadMansSwitch } from './dead-mans-switch.ts';
import { slackClient } from './client.ts';
import { recall } from './memory.ts';
import type { SlackLedger } from './memory.ts';
import { messageGone } from '../../domain/messages/slack-refusal.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import { transient } from '../lib/fail.ts';
import { effect } from '../lib/effect.ts';
import { own } from '../lib/own.ts';
import { createInOrder } from '../lib/in-order.ts';
import { answerWords } from '../../domain/messages/slack-answer.ts';
import { requestWords } from '../../domain/messages/slack-request.ts';
import { plainWords } from '../../domain/messages/slack-blocks.ts';

type Deps = {
  config: Pick<Config, 'slack' | 'approvers'> & Partial<Pick<Config, 'requesters'>>;
  /** Returns the secret that a reference such as "env:NAME" names. */
  secret: (ref: string) => string;
  ledger: SlackLedger;
};
type Name = 'notify' | 'askApprovers' | 'showAnswers' | 'setDeadMansSwitch' | 'clearDeadMansSwitch';

/**
 * Makes the activities that write to Slack. They post a parent message for each deploy and channel,
 * and later messages into its thread. They edit the parent message while the deploy runs.
 *
 * The ledger keeps the timestamps of parent messages and of approval requests, so that Plimsoll
 * finds old messages again. The metadata of every message contains the deploy id and the step. If
 * the ledger does not know a message, the activity first searches Slack for this metadata. So a
 * retry does not post a message twice. The activities return false if Slack is not configured.
 */
export function createSlack(deps: Deps): Pick<Activities, Name> {
  const { notify, askApprovers, showAnswers, setDeadMansSwitch, clearDeadMansSwitch } =
    workOf(deps);
  return {
    notify: effect('notify', notify),
    askApprovers: effect('askApprovers', askApprovers),
    showAnswers: effect('showAnswers', showAnswers),
    setDeadMansSwitch: effect('setDeadMansSwitch', setDeadMansSwitch),
    clearDeadMansSwitch: effect('clearDeadMansSwitch', clearDeadMansSwitch),
  };
}

function workOf({ config, secret, ledger }: Deps): Pick<PlainActivities, Name> {
  const { slack } = config;
  if (!slack) return withoutSlack;
  const board = () =>
    createSlackBoard(slackClient(slack.api, secret(slack.token)), slack.token.slice('env:'.length));
  let opened: SlackBoard | undefined;
  const open = () => (opened ??= board());
  const inOrder = createInOrder();
  return {
    async notify(note) {
      await inOrder(`${note.deploy.deployId} ${note.channel}`, () =>
        deliver({ board: open(), ledger }, note, mentionOf(config, note.to)),
      );
      return true;
    },
    askApprovers: (input) => askAll({ board: open(), ledger }, config.approvers, input),
    showAnswers: (input) => showAll({ board: open(), ledger }, config.approvers, input),
    ...createDeadMansSwitch(open, inOrder),
  };
}

const nobody = async () => false;
const withoutSlack = {
  ...{ notify: nobody, askApprovers: nobody, showAnswers: nobody },
  ...{ setDeadMansSwitch: nobody, clearDeadMansSwitch: nobody },
};

type Slack = { board: SlackBoard; ledger: SlackLedger };

/**
 * Posts or edits a message. The first message of a deploy in a channel is the parent message. Later
 * messages go into its thread. If a person deleted the parent message, posts a new one.
 */
async function deliver(
  { board, ledger }: Slack,
  note: Note,
  mention: string | null,
): Promise<void> {
  const { deployId } = note.deploy;
  const channel = await board.channelId(note.channel);
  const post: Post = { channel, deployId, step: note.step, words: plainWords(note.text, mention) };
  const memory = await recall(ledger, note.deploy, channel);
  const known = memory.messages.at(-1);
  if (known && (await below(board, known, post, note))) return;
  const [root] = await board.inChannel(channel, deployId, await memory.since());
  await memory.add(root ?? (await board.post(post)));
  if (root && !(await below(board, root, post, note)))
    throw transient(messageGone({ what: 'an edit' }));
}

/**
 * Edits the parent message, or posts into its thread. Returns false if the parent message was
 * deleted.
 */
async function below(board: SlackBoard, root: Found, post: Post, note: Note): Promise<boolean> {
  const { channel, deployId, step } = post;
  if (note.parent || root.step === step) return await board.edit(root, post);
  const thread = await board.inThread(channel, root.ts, deployId);
  if (thread === null) return false;
  const earlier = thread.find((one) => one.step === step);
  if (earlier) return await board.edit(earlier, post);
  await board.post({ ...post, thread: root.ts });
  return true;
}

/**
 * Returns the Slack id of the person to mention, or null if the configuration does not list the
 * person or the Slack id.
 */
function mentionOf({ approvers, requesters = {} }: Deps['config'], name: string | undefined) {
  if (name === undefined) return null;
  return (own(approvers, name) ?? own(requesters, name))?.slack ?? null;
}

type Asked = Parameters<Activities['askApprovers']>[0];

const idsOf = (approvers: Config['approvers'], names: readonly string[]) =>
  names.flatMap((name) => own(approvers, name)?.slack ?? []);

async function askAll(slack: Slack, approvers: Config['approvers'], input: Asked) {
  const { sealed, to } = input;
  const { eligible } = sealed.plan.rule;
  const asked = to ? eligible.filter((name) => to.includes(name)) : eligible;
  return await each(idsOf(approvers, asked), (user) => askOne(slack, user, input));
}

/**
 * Calls `act` for every user, even if the call for another user fails. Throws the first failure
 * that Temporal may retry. If all failures are final, throws only if every call failed. Returns
 * true if at least one call succeeded.
 */
async function each(users: readonly string[], act: (user: string) => Promise<unknown>) {
  const sent = await Promise.allSettled(users.map(act));
  const failed = sent.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
  const again = failed.find((reason: { nonRetryable?: boolean }) => !reason.nonRetryable);
  if (again) throw again;
  if (failed.length > 0 && failed.length === sent.length) throw failed[0];
  return sent.length > failed.length;
}

async function askOne({ board, ledger }: Slack, user: string, input: Asked): Promise<void> {
  const { sealed, reminder } = input;
  const { deployId } = sealed.plan;
  const step = askStep(reminder);
  const channel = await board.directMessage(user);
  const memory = await recall(ledger, refOf(sealed.plan), channel);
  const asked = (found: Found) => found.step === step;
  if (memory.messages.some(asked)) return;
  const earlier = await board.inChannel(channel, deployId, await memory.since());
  const words = requestWords({ sealed, reminder });
  await memory.add(earlier.find(asked) ?? (await board.post({ channel, deployId, step, words })));
}

type Answered = Parameters<Activities['showAnswers']>[0];

/** Edits every approval request and every reminder. Skips a message that a person deleted. */
async function showAll(slack: Slack, approvers: Config['approvers'], input: Answered) {
  const { deployId, rule } = input.sealed.plan;
  return await each(idsOf(approvers, rule.eligible), async (user) => {
    const channel = await slack.board.directMessage(user);
    for (const found of await questions(slack, channel, input)) {
      const { step } = found;
      const reminder = step.startsWith(reminderStep);
      if (step !== requestStep && !reminder) continue;
      await slack.board.edit(found, {
        ...{ channel, deployId, step },
        words: answerWords(input, reminder),
      });
    }
  });
}

/** Returns all messages of the deploy in a channel, from the ledger and from Slack. */
async function questions({ board, ledger }: Slack, channel: string, { sealed }: Answered) {
  const memory = await recall(ledger, refOf(sealed.plan), channel);
  const seen = await board.inChannel(channel, sealed.plan.deployId, await memory.since());
  for (const found of seen) await memory.add(found);
  const known = new Set(memory.messages.map(({ ts }) => ts));
  return [...memory.messages, ...seen.filter(({ ts }) => !known.has(ts))];
}

const requestStep = 'approval-request';
const reminderStep = 'approval-reminder/';

/**
 * Returns the step name of an approval request or of a reminder. A deploy may have many reminders,
 * so the step name of a reminder contains the activity id. A retry has the same activity id.
 */
const askStep = (reminder: boolean) =>
  reminder ? `${reminderStep}${currentActivity() ?? ''}` : requestStep;
