import type { Activities, Note } from '../domain/activities.ts';
import type { Config } from '../domain/schema.ts';
import { currentActivity } from './git/pulse.ts';
import { createSlackBoard } from './slack/board.ts';
import type { Found, Post, SlackBoard } from './slack/board.ts';
import { createDeadMan } from './slack/dead-man.ts';
import { slackClient } from './slack/client.ts';
import { own } from './lib/own.ts';
import { createInOrder } from './lib/in-order.ts';
import { answerWords } from './slack/answer-words.ts';
import { requestWords } from './slack/request-words.ts';
import { plainWords } from './slack/words.ts';

type Deps = {
  config: Pick<Config, 'slack' | 'approvers'> & Partial<Pick<Config, 'requesters'>>;
  /** Resolves "env:NAME". */
  secret: (ref: string) => string;
};
type SlackActivities = Pick<
  Activities,
  'say' | 'askApprovers' | 'showAnswers' | 'giveSignOfLife' | 'standDown'
>;

/**
 * One parent message a deploy and channel, edited as it goes on, and a thread below it. Every message carries
 * deploy and step in its metadata and is looked for before it is posted. Not configured = false.
 */
export function createSlack({ config, secret }: Deps): SlackActivities {
  const { slack } = config;
  if (!slack) return unheard;
  const board = () =>
    createSlackBoard(slackClient(slack.api, secret(slack.token)), slack.token.slice('env:'.length));
  let opened: SlackBoard | undefined;
  const open = () => (opened ??= board());
  const inOrder = createInOrder();
  return {
    async say(note) {
      await inOrder(`${note.deploy.deployId} ${note.channel}`, () =>
        tell(open(), note, mentionOf(config, note.to)),
      );
      return true;
    },
    askApprovers: (input) => askAll(open(), config.approvers, input),
    showAnswers: (input) => showAll(open(), config.approvers, input),
    ...createDeadMan(open, inOrder),
  };
}

const nobody = async () => false;
const unheard = {
  ...{ say: nobody, askApprovers: nobody, showAnswers: nobody },
  ...{ giveSignOfLife: nobody, standDown: nobody },
};

/** The first message of a deploy in a channel is the root; others go below it. */
async function tell(board: SlackBoard, note: Note, mention: string | null): Promise<void> {
  const { deployId } = note.deploy;
  const channel = await board.channelId(note.channel);
  const post: Post = { channel, deployId, step: note.step, words: plainWords(note.text, mention) };
  const [root] = await board.inChannel(channel, deployId);
  if (!root) return void (await board.post(post));
  if (note.parent || root.step === note.step) return board.edit(root, post);
  const thread = await board.inThread(channel, root.ts, deployId);
  const earlier = thread.find(({ step }) => step === note.step);
  if (earlier) return board.edit(earlier, post);
  await board.post({ ...post, thread: root.ts });
}

/** The only mention that a note can have: of a person whom the configuration knows. */
function mentionOf({ approvers, requesters = {} }: Deps['config'], name: string | undefined) {
  if (name === undefined) return null;
  return (own(approvers, name) ?? own(requesters, name))?.slack ?? null;
}

type Asked = Parameters<Activities['askApprovers']>[0];

const idsOf = (approvers: Config['approvers'], names: readonly string[]) =>
  names.flatMap((name) => own(approvers, name)?.slack ?? []);

async function askAll(board: SlackBoard, approvers: Config['approvers'], input: Asked) {
  const { sealed, to } = input;
  const { eligible } = sealed.plan.rule;
  const asked = to ? eligible.filter((name) => to.includes(name)) : eligible;
  return await each(idsOf(approvers, asked), (user) => askOne(board, user, input));
}

/** Everybody is tried; one who cannot be reached must not keep the others from being asked. */
async function each(users: readonly string[], act: (user: string) => Promise<unknown>) {
  const told = await Promise.allSettled(users.map(act));
  const failed = told.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
  const again = failed.find((reason: { nonRetryable?: boolean }) => !reason.nonRetryable);
  if (again) throw again;
  if (failed.length > 0 && failed.length === told.length) throw failed[0];
  return told.length > failed.length;
}

async function askOne(board: SlackBoard, user: string, input: Asked): Promise<Found> {
  const { sealed, reminder } = input;
  const { deployId } = sealed.plan;
  const step = askStep(reminder);
  const channel = await board.directMessage(user);
  const earlier = (await board.inChannel(channel, deployId)).find((found) => found.step === step);
  if (earlier) return earlier;
  const words = requestWords({ sealed, reminder });
  return board.post({ channel, deployId, step, words });
}

type Answered = Parameters<Activities['showAnswers']>[0];

async function showAll(board: SlackBoard, approvers: Config['approvers'], input: Answered) {
  const { deployId, rule } = input.sealed.plan;
  return await each(idsOf(approvers, rule.eligible), async (user) => {
    const channel = await board.directMessage(user);
    for (const found of await board.inChannel(channel, deployId)) {
      const { step } = found;
      const reminder = step.startsWith(reminderStep);
      if (step !== requestStep && !reminder) continue;
      await board.edit(found, {
        ...{ channel, deployId, step },
        words: answerWords(input, reminder),
      });
    }
  });
}

const requestStep = 'approval-request';
const reminderStep = 'approval-reminder/';

/** Reminders are many: each is known by its activity, which keeps its id when it is tried again. */
const askStep = (reminder: boolean) =>
  reminder ? `${reminderStep}${currentActivity() ?? ''}` : requestStep;
