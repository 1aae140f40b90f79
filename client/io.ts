import { UserError } from '../domain/lib/user-error.ts';
import { visible } from '../domain/lib/visible.ts';
import { exitCodes } from './exit-codes.ts';

/** The environment and the streams of a command. `process` has this shape. */
export type Surroundings = {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: OutStream;
  stderr: OutStream;
};

type OutStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** The input and output of a command. Data goes to stdout, messages go to stderr. */
export type Io = {
  out: (text: string) => void;
  say: (text: string) => void;
  /** Prints `text` for people. With --json, prints `value` as JSON instead. */
  data: (value: unknown, text: string) => void;
  json: boolean;
  color: boolean;
  /** True if stderr is a terminal that can redraw a screen. */
  live: boolean;
  /**
   * True if the command may ask a person. This needs a terminal, and neither --no-input nor --json.
   */
  asks: boolean;
  /**
   * Asks the question and returns one line from the terminal, without its line end. Rejects with a
   * UserError (exit 130) after Ctrl-C or Ctrl-D. So ask before anything is signed or written.
   */
  ask: (question: string) => Promise<string>;
  /** The variables that have a value. */
  env: NodeJS.ProcessEnv;
  timeLimits: TimeLimits;
};

/** The longest times that a command waits for a worker, in milliseconds. */
export type TimeLimits = {
  /** The wait for the status of a deploy. */
  statusMs: number;
  /** The wait for the ruling on a decision. */
  rulingMs: number;
  /** The wait until an open deploy responds to a newer request. */
  answerMs: number;
};

export const timeLimits: TimeLimits = { statusMs: 4_000, rulingMs: 10_000, answerMs: 60_000 };

export type GlobalOptions = {
  json?: boolean;
  input?: boolean;
  color?: boolean;
  /** The address of the door. It replaces PLIMSOLL_SERVER. */
  server?: string;
};

export function createIo(
  { json = false, input = true, color = true, server }: GlobalOptions,
  { env, stdin, stdout, stderr }: Surroundings,
): Io {
  const write = (stream: OutStream) => (text: string) => void stream.write(`${text}\n`);
  const out = write(stdout);
  const forPeople = (stream: OutStream) => (text: string) => write(stream)(onScreen(text));
  const terminal = Boolean(stderr.isTTY) && env['TERM'] !== 'dumb';
  return {
    out,
    say: forPeople(stderr),
    data: (value, text) => (json ? out(JSON.stringify(value)) : forPeople(stdout)(text)),
    json,
    color: color && !env['NO_COLOR'] && terminal && Boolean(stdout.isTTY),
    live: terminal && !json,
    asks: input && !json && Boolean(stdin.isTTY) && Boolean(stderr.isTTY),
    ask: (question) => ask(question, { stdin, stderr }),
    env: withoutEmpty(server === undefined ? env : { ...env, PLIMSOLL_SERVER: server }),
    timeLimits,
  };
}

/** Matches a colour of Plimsoll, a tab or a line end. */
// oxlint-disable-next-line no-control-regex -- these characters are kept
const own = /(\u001b\[\d+m|[\t\n])/;

/**
 * Replaces every invisible character by its code, in every text that a person reads. These texts
 * are already safe to show. This function is a second check for a text that somebody forgot.
 */
const onScreen = (text: string): string =>
  text
    .split(own)
    .map((part, at) => (at % 2 === 1 ? part : visible(part)))
    .join('');

/**
 * Leaves out the empty variables. CI systems and Compose files set a variable to the empty text if
 * its secret is missing. An empty TEMPORAL_API_KEY would turn TLS on at Temporal's client.
 */
const withoutEmpty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

async function ask(
  question: string,
  { stdin, stderr }: Pick<Surroundings, 'stdin' | 'stderr'>,
): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: stdin, output: stderr });
  const closed = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(notAnswered()));
  });
  closed.catch(() => {});
  // Ctrl-C closes the terminal, and `question` then rejects with an AbortError of its own.
  const answered = terminal.question(question).catch(() => closed);
  try {
    return await Promise.race([answered, closed]);
  } finally {
    terminal.close();
  }
}

/**
 * Makes the error for a person who does not want to continue. The person pressed Ctrl-C or Ctrl-D,
 * or the input ended.
 */
const notAnswered = () =>
  new UserError(
    '\nYou did not answer the question. Nothing was signed, sent or written.',
    exitCodes.interrupted,
  );
