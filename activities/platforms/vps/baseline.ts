import { ApplicationFailure } from '@temporalio/common';
import type { Baseline, VpsHost, VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { cancellation, pulse } from '../../git/pulse.ts';
import { baselineOf, bucketSeconds } from '../../watch/baseline-of.ts';
import { hostPattern } from '../../watch/access-pattern.ts';
import { readLog } from '../../watch/host-log.ts';
import type { OpenHost } from '../../watch/on-host.ts';

/** A day, and where a day's log cannot be read in time, an hour. */
const spans = [
  { seconds: 24 * 3600, timeoutMs: 30_000 },
  { seconds: 3600, timeoutMs: 15_000 },
];
type Asked = { target: VpsTarget; accessLog: string | null };

/**
 * Errors and requests (seconds, without an access log) of the service before the deploy, over all hosts. null
 * where a log is unreadable or empty: no data is not zero errors. Transient: a host does not answer.
 */
export async function measureBaseline(
  openHost: OpenHost,
  { target, accessLog }: Asked,
): Promise<Baseline | null> {
  const pattern = accessLog === null ? null : hostPattern(accessLog);
  if (accessLog !== null && pattern === null) return null;
  const hosts = await pulse(() =>
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
