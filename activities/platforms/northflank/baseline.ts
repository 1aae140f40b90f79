import type { Baseline } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { baselineOf, bucketSeconds } from '../baseline-of.ts';
import type { LogBucket } from '../baseline-of.ts';
import type { Connect } from './connect.ts';
import { count, patternOf, readLines } from './api/log-reading.ts';
import type { LogLine } from './api/shapes.ts';

const dayMs = 24 * 3600_000;
/**
 * The largest number of API calls for the baseline. One answer has at most 1000 lines. A busy
 * service writes so many lines in a few minutes.
 */
const mostReadings = 5;

type Asked = { target: NorthflankTarget; accessLog: string | null };

/**
 * Measures errors and requests in the log of the last day. Reads at most the newest 5,000 lines.
 * Without an access log, counts seconds instead of requests. Returns null if the log is empty, or
 * if `accessLog` is not a valid pattern.
 */
export const measureBaseline = (connect: Connect, { target, accessLog }: Asked) =>
  withHeartbeat(async (): Promise<Baseline | null> => {
    const pattern = patternOf(accessLog);
    if (pattern === undefined) return null;
    const now = Date.now();
    const lines = await newest(connect(target).service, now);
    return lines.length === 0 ? null : baselineOf([buckets(lines, now, pattern)], pattern === null);
  });

async function newest(service: ReturnType<Connect>['service'], now: number) {
  const from = now - dayMs;
  let found: LogLine[] = [];
  let to = now;
  for (let turn = 0; turn < mostReadings && to > from; turn += 1) {
    const reading = await readLines(service, { from, to });
    found = [...reading.lines, ...found];
    to = reading.from;
    if (reading.lines.length === 0) break;
  }
  return found;
}

function buckets(lines: readonly LogLine[], now: number, pattern: RegExp | null): LogBucket[] {
  const ageOf = ({ at }: LogLine) => Math.max(0, Math.floor((now - at) / (bucketSeconds * 1000)));
  const byAge = Map.groupBy(lines, ageOf);
  return [...byAge].map(([age, some]) => ({ age, ...count(some, pattern), lines: some.length }));
}
