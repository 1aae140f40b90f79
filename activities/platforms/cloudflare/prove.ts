import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudflareVersion } from '../../../domain/platforms/cloudflare/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { final } from '../../lib/fail.ts';
import { otherVersion, sameVersion } from '../../lib/health.ts';
import { poll } from '../../lib/poll.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { inspect, see } from './snapshot.ts';
import { steadyNow } from '../../lib/clocks.ts';

const pauseMs = 500;

/**
 * Proves that production serves the version and is healthy. Tries for at most `withinMs`, because a
 * change needs some seconds to reach all of Cloudflare's edge.
 */
export async function proveWorker(at: At, step: CloudflareVersion, withinMs: number) {
  const { sha } = step.deploy;
  const origin = new URL(at.target.url).origin;
  await proven(at, { id: step.id, what: short(sha), withinMs }, () =>
    otherVersion({ version: at.target.version, origin, access: at.target }, sha),
  );
}

/**
 * Proves that production serves the rollback target and is healthy. The proof fails if the version
 * path still names `taken`, the bad release. If the version path names no release, the proof
 * continues, because an older release may not have this path. Throws a final failure of type
 * 'unhealthyRollback' if the rollback target has all the traffic but is not healthy.
 */
export const proveRollback = (
  at: At,
  { id, sha, taken, withinMs }: { id: string; sha: string; taken: string; withinMs: number },
) =>
  proven(at, { id, what: `the rollback target ${short(sha)}`, withinMs, back: true }, () =>
    stillServes(at, { sha, taken }),
  );

/**
 * Returns a problem if the version path of production still names `taken`, else an empty list. The
 * request goes to production, because Cloudflare's lists may be out of date for a moment.
 */
export async function stillServes({ target }: At, { sha, taken }: { sha: string; taken: string }) {
  if (sha === taken) return [];
  return await sameVersion(
    { version: target.version, origin: new URL(target.url).origin, access: target },
    taken,
  );
}

/** The claim that a version is live. `back` is true for a rollback. */
type Claim = { id: string; what: string; withinMs: number; back?: boolean };

async function proven(
  at: At,
  { id, what, withinMs, back = false }: Claim,
  more: () => Promise<string[]>,
): Promise<HostState> {
  let problems: string[] = [];
  let isLive = false;
  return await poll(
    {
      until: steadyNow() + withinMs,
      pause: () => sleep(pauseMs, undefined, { signal: cancellation() }),
      late: async () => {
        const whole = back && isLive && (await see(at)).whole;
        return notLive(at, what, { problems, isLive: whole });
      },
    },
    async () => {
      const state = await inspect(at);
      const others = await more();
      isLive = state.id === id && state.active && others.length === 0;
      problems = [...against(at, state, id), ...others];
      return problems.length === 0 ? state : undefined;
    },
  );
}

function against({ target }: At, state: HostState, id: string): string[] {
  if (state.id !== id) return [`production serves ${state.id ?? 'nothing'}, not ${id}`];
  const health = new URL(target.health, target.url).href;
  return state.healthy ? [] : [`${health} is not healthy, or not all the traffic goes to ${id}`];
}

const notLive = (
  { target }: At,
  what: string,
  { problems, isLive }: { problems: string[]; isLive: boolean },
) =>
  final(
    isLive ? failures.unhealthyRollback : failures.unhealthyRelease,
    `${nameOf(target)}: ${what} was deployed, but production does not serve it or is not healthy:\n` +
      problems.map((problem) => `- ${problem}`).join('\n'),
  );
