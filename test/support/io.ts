import { timeLimits } from '../../client/io.ts';
import type { Io } from '../../client/io.ts';

/** Short time limits, for commands that no worker answers. */
export const shortTimeLimits = { statusMs: 300, rulingMs: 1_000, answerMs: 2_000 };

type RecordedIo = Io & { stdout: string[]; stderr: string[] };

/**
 * Keeps the output of a command in lists. Answers the questions of the command with `answers`, in
 * order.
 */
export function recordedIo({
  answers = [],
  ...changes
}: Partial<Io> & { answers?: string[] } = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const json = changes.json ?? false;
  const io: RecordedIo = {
    stdout,
    stderr,
    out: (text) => void stdout.push(text),
    say: (text) => void stderr.push(text),
    data: (value, text) => void stdout.push(json ? JSON.stringify(value) : text),
    json,
    color: false,
    live: false,
    asks: answers.length > 0,
    ask: async (question) => {
      stderr.push(question);
      return answers.shift() ?? '';
    },
    env: {},
    timeLimits,
    ...changes,
  };
  return io;
}
