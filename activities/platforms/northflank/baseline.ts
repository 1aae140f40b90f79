import type { Baseline, NorthflankTarget } from '../../../domain/plan.ts';
import { pulse } from '../../git/pulse.ts';
import { baselineOf, bucketSeconds } from '../../watch/baseline-of.ts';
import type { LogBucket } from '../../watch/host-log.ts';
import type { Connect } from './connect.ts';
import { count, patternOf, readLines } from './log-reading.ts';
import type { LogLine } from './shapes.ts';

const dayMs = 24 * 3600_000;
/** Calls for what was before; a busy service fills each of them in minutes. */
const mostReadings = 5;

type Asked = { target: NorthflankTarget; accessLog: string | null };

/**
 * Errors and requests (seconds, without an access log) of the service before the deploy, of a day or of the newest
 * 5,000 lines. null where the log is empty: no data is not zero errors.
 */
export const measureBaseline = (connect: Connect, { target, accessLog }: Asked) =>
  pulse(async (): Promise<Baseline | null> => {
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
