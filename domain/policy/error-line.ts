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

/** By the word, the level or the priority that its program wrote: as the logs of hosts are counted. */
export const isErrorLine = (line: string) => error.some((pattern) => pattern.test(line));

/** Of those the ones after which a process usually is no more. */
export const isFatalLine = (line: string) => fatal.some((pattern) => pattern.test(line));

const listening =
  /(?:listening|listens?|running|serving|started|bound|uvicorn)\b.{0,80}?[: ](\d{2,5})\b/i;

/** The port that a program says it listens on. */
export function portIn(line: string): number | null {
  const port = Number(listening.exec(line)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}
