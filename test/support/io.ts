import type { Io } from '../../client/io.ts';

export type RecordedIo = Io & { stdout: string[]; stderr: string[] };

/** A command's streams as lists; `answers` are typed at questions in order. */
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
    ...changes,
  };
  return io;
}
