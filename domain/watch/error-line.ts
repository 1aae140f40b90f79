import { classify } from './log-lines/classify.ts';
import { judgeLines } from './log-lines/count-errors.ts';

/**
 * Returns true if a single log line is an error. For several lines, use `judgeLines`, because all
 * lines of a stack trace are one error.
 */
export const isErrorLine = (text: string) =>
  ['error', 'stranger'].includes(judgeLines([{ text }])[0] ?? 'quiet');

/** Returns true if a log line is an error after which a process usually ends. */
export const isFatalLine = (text: string) => classify(text).level === 'fatal';

const listening =
  /(?:listening|listens?|running|serving|started|bound|uvicorn)\b.{0,80}?[: ](\d{2,5})\b/i;

/**
 * Returns the port on which a program listens, according to its log line; null: the line names no
 * port.
 */
export function portIn(line: string): number | null {
  const port = Number(listening.exec(line)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}
