import { ApplicationFailure } from '@temporalio/common';
import type { Baseline } from '../../../../domain/deploy/plan.ts';
import type { VpsHost, VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { failures } from '../../../../domain/deploy/failures.ts';
import { cancellation, withHeartbeat } from '../../../lib/temporal-context.ts';
import { baselineOf, bucketSeconds } from '../../baseline-of.ts';
import { hostPattern } from './access-pattern.ts';
import { readLog } from './host-log.ts';
import type { OpenHost } from '../ssh/on-host.ts';

/**
 * The time spans to read. If the log of the last day takes too long, only the last hour is read.
 */
const spans = [
  { seconds: 24 * 3600, timeoutMs: 30_000 },
  { seconds: 3600, timeoutMs: 15_000 },
];
type Asked = { target: VpsTarget; accessLog: string | null };

/**
 * Counts the errors and requests in the logs of all hosts before the deploy. Without an access-log
 * pattern, counts seconds instead of requests. Returns null (no data) if the log of a host is
 * unreadable or empty, or if awk cannot use the pattern. Throws a transient failure if a host does
 * not answer.
 */
export async function measureBaseline(
  openHost: OpenHost,
  { target, accessLog }: Asked,
): Promise<Baseline | null> {
  const pattern = accessLog === null ? null : hostPattern(accessLog);
  if (accessLog !== null && pattern === null) return null;
  const hosts = await withHeartbeat(() =>
    Promise.all(target.hosts.map((host) => ofHost(openHost, { target, host, pattern }))),
  );
  const seen = hosts.filter((buckets) => buckets !== null);
  if (seen.length === 0 || seen.length < hosts.length) return null;
  return baselineOf(seen, accessLog === null);
}

type HostAsked = Pick<Asked, 'target'> & { host: VpsHost; pattern: string | null };

async function ofHost(openHost: OpenHost, { target, host, pattern }: HostAsked) {
  const session = await openHost(target, host, cancellation());
  try {
    for (const { seconds, timeoutMs } of spans) {
      const question = { target, from: { ago: seconds }, bucketSeconds, pattern, timeoutMs };
      const counts = await readLog(session, question).catch(tooLong);
      if (counts === 'too long') continue;
      return counts && counts.buckets.length > 0 ? counts.buckets : null;
    }
    return null;
  } finally {
    session.close();
  }
}

function tooLong(cause: unknown): 'too long' {
  if (cause instanceof ApplicationFailure && cause.type === failures.unknownOutcome)
    return 'too long';
  throw cause;
}
