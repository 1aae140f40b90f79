import { redact } from '../../../../domain/lib/redact.ts';
import type { Caller } from './client.ts';
import { Lines } from './shapes.ts';
import type { LogLine } from './shapes.ts';

/** `from` and `to` are epoch milliseconds. */
type LogRange = {
  from: number;
  to: number;
  /** Largest number of lines. The result contains the newest lines. Default: 1000. */
  lines?: number;
  /** Only lines that contain this text are read. */
  text?: string;
};
export type LogCalls = {
  /**
   * Returns the lines, oldest first, exactly as the service wrote them. The caller must remove
   * secrets before the lines leave the process.
   */
  logs(range: LogRange): Promise<LogLine[]>;
  /** Returns the last 20 lines of the build's log, oldest first, without secrets. */
  buildLog(build: { id: string; createdAt: number | null }): Promise<string[]>;
};

const lastLines = 20;
/**
 * The longest range of a build log. Northflank does not document its default range, so each request
 * names a range.
 */
const longestBuildMs = 6 * 60 * 60_000;

const rangeQuery = (from: number, to: number, lines: number) => ({
  queryType: 'range',
  startTime: new Date(from).toISOString(),
  endTime: new Date(to).toISOString(),
  lineLimit: String(lines),
  direction: 'backward',
});

export const createLogCalls = (call: Caller): LogCalls => ({
  async logs({ from, to, lines = 1000, text }) {
    const query = {
      ...rangeQuery(from, to, lines),
      ...(text === undefined ? {} : { textIncludes: text }),
    };
    const { data } = await call({ call: 'logs', what: 'the log of', query, schema: Lines });
    return data.slice(-lines);
  },
  async buildLog({ id, createdAt }) {
    const from = createdAt ?? Date.now() - longestBuildMs;
    const until = Math.min(Date.now(), from + longestBuildMs);
    const query = { ...rangeQuery(from, until, lastLines), buildId: id };
    const what = `the log of build ${id} of`;
    const { data } = await call({ call: 'buildLogs', what, query, schema: Lines });
    return data.map(({ text }) => redact(text)).slice(-lastLines);
  },
});
