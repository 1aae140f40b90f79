import type { Sample, UnreadLines } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { ErrorSource, ErrorSourceInput } from '../error-source.ts';
import { orNoData } from '../../lib/or-no-data.ts';
import type { Connect } from './connect.ts';
import { count, patternOf, readLines } from './api/log-reading.ts';

type Deps = ErrorSourceInput<NorthflankTarget> & { connect: Connect; now?: () => number };

/** A line appears in the API a few seconds after it was written. */
const lagMs = 3000;

/**
 * Each sample reads the runtime log from the end of the previous range, so no line counts twice. If
 * a sample cannot read the log, the next sample reads both ranges.
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
