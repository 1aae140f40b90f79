import { classify } from './log-lines/classify.ts';
import { judgeLines } from './log-lines/count-errors.ts';

/**
 * Whether a log line is an error, seen alone. Use `judgeLines` for several lines, because a stack
 * trace is one error.
 */
export const isErrorLine = (text: string) =>
  ['error', 'stranger'].includes(judgeLines([{ text }])[0] ?? 'quiet');

/** Whether a log line is an error after which a process usually ends. */
export const isFatalLine = (text: string) => classify(text).level === 'fatal';

const listening =
  /(?:listening|listens?|running|serving|started|bound|uvicorn)\b.{0,80}?[: ](\d{2,5})\b/i;

/** The port on which a program listens, according to its log line; null: no port is named. */
export function portIn(line: string): number | null {
  const port = Number(listening.exec(line)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}
