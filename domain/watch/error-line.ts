const word = (words: string) => new RegExp(`(^|[^A-Za-z])(${words})([^A-Za-z]|$)`);
const level = (levels: string) => new RegExp(`(level|severity)"? ?[:=] ?"?(${levels})`, 'i');

const error = [
  word('ERROR|FATAL|PANIC|CRITICAL|Traceback|Unhandled|Uncaught'),
  level('error|fatal|critical|panic'),
  /^<[0-3]>/,
];
const fatal = [
  word('FATAL|PANIC|CRITICAL|Traceback|Unhandled|Uncaught'),
  level('fatal|critical|panic'),
  /^<[0-2]>/,
];

/**
 * Whether a log line is an error, according to a word, a level or a priority in the line. Errors in
 * host logs are counted with this function.
 */
export const isErrorLine = (line: string) => error.some((pattern) => pattern.test(line));

/** Whether a log line is an error after which a process usually ends. */
export const isFatalLine = (line: string) => fatal.some((pattern) => pattern.test(line));

const listening =
  /(?:listening|listens?|running|serving|started|bound|uvicorn)\b.{0,80}?[: ](\d{2,5})\b/i;

/** The port on which a program listens, according to its log line; null: no port is named. */
export function portIn(line: string): number | null {
  const port = Number(listening.exec(line)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}
