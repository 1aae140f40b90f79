import { isErrorLine } from '../../../domain/policy/error-line.ts';
import type { Northflank } from './client.ts';
import type { LogLine } from './shapes.ts';

/** More are not given at once. */
const mostLines = 1000;

export type Counted = { errors: number; requests: number };
/** `from`: the lines reach back to here; later than what was asked for where there were too many. */
export type Reading = { lines: LogLine[]; from: number };

/** Epoch milliseconds; the newest lines of the range. */
export async function readLines(
  service: Northflank,
  { from, to }: { from: number; to: number },
): Promise<Reading> {
  const lines = await service.logs({ from, to, lines: mostLines });
  const inRange = lines.filter(({ at }) => at >= from && at < to);
  const cut = lines.length >= mostLines;
  return { lines: inRange, from: cut ? (inRange[0]?.at ?? to) : from };
}

/** `pattern` null = nothing is counted as a request. */
export function count(lines: readonly LogLine[], pattern: RegExp | null): Counted {
  return {
    errors: lines.filter(({ text }) => isErrorLine(text)).length,
    requests: pattern ? lines.filter(({ text }) => pattern.test(text)).length : 0,
  };
}

/** undefined = it cannot be read as a pattern, so nothing can be counted by it. */
export function patternOf(accessLog: string | null): RegExp | null | undefined {
  if (accessLog === null) return null;
  try {
    return new RegExp(accessLog);
  } catch {
    return undefined;
  }
}
