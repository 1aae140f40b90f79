import { countErrors } from '../../../../domain/watch/log-lines/count-errors.ts';
import type { Northflank } from './client.ts';
import type { LogLine } from './shapes.ts';

/** The largest number of lines in one answer. */
const mostLines = 1000;

export type Counted = { errors: number; requests: number; unread?: number };
/**
 * `from` is the start of the range that `lines` cover, in epoch milliseconds. If the requested
 * range has too many lines, `from` is later than requested.
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
 * Counts errors, and counts lines that match `pattern` as requests. If `pattern` is null, no line
 * counts as a request. A stack trace is one error.
 */
export function count(lines: readonly LogLine[], pattern: RegExp | null): Counted {
  const judged = lines.map(({ text, at, container }) => ({ text, at, from: container }));
  const { errors, unread } = countErrors(judged, { accessLog: pattern !== null });
  return {
    errors,
    ...(unread > 0 ? { unread } : {}),
    requests: pattern ? lines.filter(({ text }) => pattern.test(text)).length : 0,
  };
}

/**
 * Returns the pattern of the access log. Returns null if no access log is configured, and undefined
 * if the pattern is not valid.
 */
export function patternOf(accessLog: string | null): RegExp | null | undefined {
  if (accessLog === null) return null;
  try {
    return new RegExp(accessLog);
  } catch {
    return undefined;
  }
}
