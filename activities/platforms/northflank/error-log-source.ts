import type { Sample, UnreadLines } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { ErrorSource, ErrorSourceInput } from '../error-source.ts';
import { orNoData } from '../../lib/or-no-data.ts';
import type { Connect } from './connect.ts';
import { count, patternOf, readLines } from './api/log-reading.ts';

type Deps = ErrorSourceInput<NorthflankTarget> & { connect: Connect; now?: () => number };

/** A log line can be read at the API only this many milliseconds after the service wrote it. */
const lagMs = 3000;

/**
 * Creates a source that counts errors and requests in the runtime log. Each sample begins at the
 * end of the previous sample, so no line counts twice. If a sample cannot read the log, the next
 * sample also reads the range of the failed sample.
 */
export function createErrorLogSource({ connect, now = Date.now, ...on }: Deps): ErrorSource {
  const { target, watch, signal } = on;
  const pattern = patternOf(watch.accessLog);
  const { service } = connect(target);
  let since: number | null = null;
  let missed: UnreadLines | undefined;
  const sample = async (): Promise<Sample['log']> => {
    if (pattern === undefined) return null;
    const to = now() - lagMs;
    since ??= to - on.agoMs();
    const { lines, from } = await readLines(service, { from: since, to });
    const { errors, requests, unread = 0 } = count(lines, pattern);
    missed = unread > 0 ? [unread, lines.length] : undefined;
    since = to;
    return [errors, pattern === null ? Math.max(0, Math.round((to - from) / 1000)) : requests];
  };
  return { sample: () => orNoData(sample, signal), unread: () => missed, close() {} };
}
