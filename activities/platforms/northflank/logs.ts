import { redact } from '../../../domain/policy/redact.ts';
import type { Caller } from './client.ts';
import { Lines } from './shapes.ts';
import type { LogLine } from './shapes.ts';

/** Epoch milliseconds. */
export type LogRange = {
  from: number;
  to: number;
  /** The newest ones of the range; default 1000. */
  lines?: number;
  /** Only lines that hold this. */
  text?: string;
};
export type LogCalls = {
  /** Oldest first. As the service wrote them: redact what leaves the process. */
  logs(range: LogRange): Promise<LogLine[]>;
  /** Its last 20 lines, oldest first, without what looks like a secret. */
  buildLog(build: { id: string; createdAt: number | null }): Promise<string[]>;
};

const lastLines = 20;
/** What Northflank takes as the range where none is told is not documented: it is always told. */
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
    const question = { method: 'GET', what: 'the log of', path: '/logs', query } as const;
    return (await call({ ...question, schema: Lines })).data.slice(-lines);
  },
  async buildLog({ id, createdAt }) {
    const from = createdAt ?? Date.now() - longestBuildMs;
    const until = Math.min(Date.now(), from + longestBuildMs);
    const query = { ...rangeQuery(from, until, lastLines), buildId: id };
    const what = `the log of build ${id} of`;
    const question = { method: 'GET', what, path: '/build-logs', query } as const;
    const { data } = await call({ ...question, schema: Lines });
    return data.map(({ text }) => redact(text)).slice(-lastLines);
  },
});
