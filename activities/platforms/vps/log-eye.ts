import type { VpsTarget } from '../../../domain/plan.ts';
import { hostPattern } from '../../watch/access-pattern.ts';
import type { Eyes, EyesOn } from '../../watch/eyes.ts';
import { readLog } from '../../watch/host-log.ts';
import type { LogCounts } from '../../watch/host-log.ts';
import type { HostSession, OpenHost } from '../../watch/on-host.ts';

type Deps = EyesOn<VpsTarget> & { openHost: OpenHost };
/** `since`: the host's second up to which its log is counted. */
type Eye = { host: VpsTarget['hosts'][number]; session: HostSession | null; since: number | null };
type Seen = { counts: LogCounts; seconds: number };

const timeoutMs = 8000;

/**
 * One connection per host, kept over the looks. What a blind look missed is counted by the next one that
 * sees, so nothing is lost and nothing counts twice.
 */
export function createLogEyes(deps: Deps): Eyes {
  const { accessLog } = deps.watch;
  const pattern = accessLog === null ? null : hostPattern(accessLog);
  const eyes: Eye[] = deps.target.hosts.map((host) => ({ host, session: null, since: null }));
  return {
    async look() {
      if (eyes.length === 0 || (accessLog !== null && pattern === null)) return null;
      const seen = await Promise.all(eyes.map((eye) => see(deps, eye, pattern)));
      const all = seen.filter((one) => one !== null);
      if (all.length < eyes.length) return null;
      for (const [index, { counts }] of all.entries()) eyes[index]!.since = counts.now;
      return total(all, accessLog === null);
    },
    close: () => eyes.forEach(({ session }) => session?.close()),
  };
}

async function see(deps: Deps, eye: Eye, pattern: string | null): Promise<Seen | null> {
  const { target, signal } = deps;
  const ago = Math.round(deps.agoMs() / 1000);
  const from = eye.since === null ? { ago } : { second: eye.since };
  try {
    eye.session ??= await deps.openHost(target, eye.host, signal);
    const question = { target, from, bucketSeconds: 1e9, pattern, timeoutMs };
    const counts = await readLog(eye.session, question);
    if (!counts) return null;
    return { counts, seconds: eye.since === null ? ago : Math.max(0, counts.now - eye.since) };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    eye.session?.close();
    eye.session = null;
    return null;
  }
}

function total(all: readonly Seen[], bySeconds: boolean): [number, number] {
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
