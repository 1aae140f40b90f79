import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import type { UnreadLines } from '../../../../domain/deploy/plan.ts';
import { unreadOf } from '../../baseline-of.ts';
import { hostPattern } from './access-pattern.ts';
import type { ErrorSource, ErrorSourceInput } from '../../error-source.ts';
import { readLog } from './host-log.ts';
import type { LogCounts } from './host-log.ts';
import type { HostSession, OpenHost } from '../ssh/on-host.ts';

type Deps = ErrorSourceInput<VpsTarget> & { openHost: OpenHost };
/**
 * Reads the log of one host. `since` is the time at which the last count ended, in seconds of the
 * host's clock. null means that nothing was counted yet.
 */
type LogReader = {
  host: VpsTarget['hosts'][number];
  session: HostSession | null;
  since: number | null;
};
type Counted = { counts: LogCounts; seconds: number };

const timeoutMs = 8000;

/**
 * Creates a source that counts errors and requests in the logs of all hosts, once for each sample.
 * The connection to each host stays open between two samples. If a sample has no data, the next
 * sample also counts the missed time. So every error is counted exactly once.
 */
export function createErrorLogSource(deps: Deps): ErrorSource {
  const { accessLog } = deps.watch;
  const pattern = accessLog === null ? null : hostPattern(accessLog);
  const readers: LogReader[] = deps.target.hosts.map((host) => ({
    host,
    session: null,
    since: null,
  }));
  let unread: UnreadLines | undefined;
  return {
    async sample() {
      if (readers.length === 0 || (accessLog !== null && pattern === null)) return null;
      const seen = await Promise.all(readers.map((reader) => see(deps, reader, pattern)));
      const all = seen.filter((one) => one !== null);
      if (all.length < readers.length) return null;
      for (const [index, { counts }] of all.entries()) readers[index]!.since = counts.now;
      unread = unreadOf(all.flatMap(({ counts }) => counts.buckets));
      return total(all, accessLog === null);
    },
    unread: () => unread,
    close: () => readers.forEach(({ session }) => session?.close()),
  };
}

async function see(deps: Deps, reader: LogReader, pattern: string | null): Promise<Counted | null> {
  const { target, signal } = deps;
  const ago = Math.round(deps.agoMs() / 1000);
  const from = reader.since === null ? { ago } : { second: reader.since };
  try {
    reader.session ??= await deps.openHost(target, reader.host, signal);
    const question = { target, from, bucketSeconds: 1e9, pattern, timeoutMs };
    const counts = await readLog(reader.session, question);
    if (!counts) return null;
    return {
      counts,
      seconds: reader.since === null ? ago : Math.max(0, counts.now - reader.since),
    };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    reader.session?.close();
    reader.session = null;
    return null;
  }
}

function total(all: readonly Counted[], bySeconds: boolean): [number, number] {
  let errors = 0;
  let exposure = 0;
  for (const { counts, seconds } of all) {
    for (const bucket of counts.buckets) {
      errors += bucket.errors;
      if (!bySeconds) exposure += bucket.requests;
    }
    if (bySeconds) exposure += seconds;
  }
  return [errors, exposure];
}
