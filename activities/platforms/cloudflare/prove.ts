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
import { inspect } from './snapshot.ts';

const pauseMs = 500;

/**
 * Proves that production serves the version and is healthy. Waits for at most `withinMs`, because
 * Cloudflare's edge needs some seconds to change everywhere.
 */
export async function proveWorker(at: At, step: CloudflareVersion, withinMs: number) {
  const { sha } = step.deploy;
  const origin = new URL(at.target.url).origin;
  await proven(at, { id: step.id, what: short(sha), withinMs }, () =>
    otherVersion({ version: at.target.version, origin, access: at.target }, sha),
  );
}

/**
 * Proves that production serves the rollback target and is healthy. An older release may not have
 * the version path, so the version path need not name the rollback target. But the version path
 * must not name `taken`, the release that is rolled back.
 */
export const proveRollback = (
  at: At,
  { id, sha, taken, withinMs }: { id: string; sha: string; taken: string; withinMs: number },
) =>
  proven(at, { id, what: `the rollback target ${short(sha)}`, withinMs }, () =>
    stillServes(at, { sha, taken }),
  );

/**
 * Returns a problem if the version path of production still names `taken`; empty = no problem.
 * Cloudflare's lists may be out of date for a moment, so this function asks production itself.
 */
export async function stillServes({ target }: At, { sha, taken }: { sha: string; taken: string }) {
  if (sha === taken) return [];
  return await sameVersion(
    { version: target.version, origin: new URL(target.url).origin, access: target },
    taken,
  );
}

type Claim = { id: string; what: string; withinMs: number };

async function proven(
  at: At,
  { id, what, withinMs }: Claim,
  more: () => Promise<string[]>,
): Promise<HostState> {
  let problems: string[] = [];
  return await poll(
    {
      until: Date.now() + withinMs,
      pause: () => sleep(pauseMs, undefined, { signal: cancellation() }),
      late: () => notLive(at, what, problems),
    },
    async () => {
      const state = await inspect(at);
      problems = [...against(at, state, id), ...(await more())];
      return problems.length === 0 ? state : undefined;
    },
  );
}

function against({ target }: At, state: HostState, id: string): string[] {
  if (state.id !== id) return [`production serves ${state.id ?? 'nothing'}, not ${id}`];
  const health = new URL(target.health, target.url).href;
  return state.healthy ? [] : [`${health} is not healthy, or not all the traffic goes to ${id}`];
}

const notLive = ({ target }: At, what: string, problems: string[]) =>
  final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${what} was deployed, but production does not serve it or is not healthy:\n` +
      problems.map((problem) => `- ${problem}`).join('\n'),
  );
