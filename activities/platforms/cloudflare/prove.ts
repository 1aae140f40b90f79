import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudflareVersion } from '../../../domain/activities/cloudflare.ts';
import { failures } from '../../../domain/failures.ts';
import type { HostState } from '../../../domain/plan.ts';
import { cancellation } from '../../git/pulse.ts';
import { final } from '../../lib/fail.ts';
import { otherVersion, sameVersion } from './ask-version.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { inspect } from './sight.ts';

const pauseMs = 500;

/** The edge follows within seconds everywhere; until `withinMs` it is waited for. */
export async function proveWorker(at: At, step: CloudflareVersion, withinMs: number) {
  const { sha } = step.deploy;
  const origin = new URL(at.target.url).origin;
  await proven(at, { id: step.id, what: short(sha), withinMs }, () =>
    otherVersion({ target: at.target, origin }, sha),
  );
}

/**
 * An older release may not know today's version path: Cloudflare and its health speak for it, unless the one
 * that is taken back says that it is there still.
 */
export const proveRestored = (
  at: At,
  { id, sha, taken, withinMs }: { id: string; sha: string; taken: string; withinMs: number },
) =>
  proven(at, { id, what: `the restored release ${short(sha)}`, withinMs }, () =>
    stillServes(at, { sha, taken }),
  );

/** Cloudflare's lists may lag behind a moment; what production itself says does not. */
export async function stillServes({ target }: At, { sha, taken }: { sha: string; taken: string }) {
  if (sha === taken) return [];
  return await sameVersion({ target, origin: new URL(target.url).origin }, taken);
}

type Claim = { id: string; what: string; withinMs: number };

async function proven(
  at: At,
  { id, what, withinMs }: Claim,
  more: () => Promise<string[]>,
): Promise<HostState> {
  const end = Date.now() + withinMs;
  for (;;) {
    const state = await inspect(at);
    const problems = [...against(at, state, id), ...(await more())];
    if (problems.length === 0) return state;
    if (Date.now() >= end) throw notLive(at, what, problems);
    await sleep(pauseMs, undefined, { signal: cancellation() });
  }
}

function against({ target }: At, state: HostState, id: string): string[] {
  if (state.id !== id) return [`it serves ${state.id ?? 'nothing'}, not ${id}`];
  const health = new URL(target.health, target.url).href;
  return state.healthy ? [] : [`${health} is not healthy, or not all the traffic goes to ${id}`];
}

const notLive = ({ target }: At, what: string, problems: string[]) =>
  final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${what} was deployed and is not what production serves:\n` +
      problems.map((problem) => `- ${problem}`).join('\n'),
  );
