import { isErrorLine } from '../../../../domain/watch/error-line.ts';
import type { Northflank } from './client.ts';
import type { LogLine } from './shapes.ts';

/** The largest number of lines in one answer. */
const mostLines = 1000;

export type Counted = { errors: number; requests: number };
/**
 * `from`: start of the range that `lines` cover, in epoch milliseconds. This time is later than
 * requested if the requested range has too many lines.
 */
export type Reading = { lines: LogLine[]; from: number };

/** Reads the newest lines of the range, at most 1000. `from` and `to` are epoch milliseconds. */
export async function readLines(
  service: Northflank,
  { from, to }: { from: number; to: number },
): Promise<Reading> {
  const lines = await service.logs({ from, to, lines: mostLines });
  const inRange = lines.filter(({ at }) => at >= from && at < to);
  const cut = lines.length >= mostLines;
  return { lines: inRange, from: cut ? (inRange[0]?.at ?? to) : from };
}

/**
 * Counts error lines, and counts lines that match `pattern` as requests. `pattern` null = no line
 * counts as a request.
 */
export function count(lines: readonly LogLine[], pattern: RegExp | null): Counted {
  return {
    errors: lines.filter(({ text }) => isErrorLine(text)).length,
    requests: pattern ? lines.filter(({ text }) => pattern.test(text)).length : 0,
  };
}

/**
 * Returns the pattern of the access log; null = no access log is configured; undefined = the
 * pattern is not valid.
 */
export function patternOf(accessLog: string | null): RegExp | null | undefined {
  if (accessLog === null) return null;
  try {
    return new RegExp(accessLog);
  } catch {
    return undefined;
  }
}
