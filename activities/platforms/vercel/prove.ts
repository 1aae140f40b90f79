import type { VercelBuild } from '../../../domain/platforms/vercel/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { final } from '../../lib/fail.ts';
import { otherVersion } from '../../lib/health.ts';
import { poll } from '../../lib/poll.ts';
import { inspect, isMoving, see } from './snapshot.ts';
import { pause } from './move.ts';
import type { At } from './move.ts';
import { domainOf, nameOf, short } from './place.ts';

/**
 * Proves that the deployment is production, that the domain points to it, and that the version path
 * names its commit. Tries for at most `withinMs`, because a domain needs some seconds to change.
 */
export async function proveProduction(at: At, build: VercelBuild, withinMs: number): Promise<void> {
  const { version, url } = build.target;
  const { sha } = build.deploy;
  await proven(at, { what: short(sha), withinMs }, async () => {
    const problems = [
      ...(await otherDeployment(at, build.id)),
      ...(await otherVersion({ version, origin: new URL(url).origin, access: build.target }, sha)),
    ];
    return problems.length > 0 ? { problems } : { state: null };
  });
}

/**
 * Proves that the rollback target is production, that the domain points to it, and that production
 * is healthy. Does not request the version path, because an older release may not have this path.
 * Throws a final failure of type 'unhealthyRollback' if the rollback target is live, but not
 * healthy.
 */
export const proveRollback = (
  at: At,
  { id, sha }: { id: string; sha: string },
  withinMs: number,
): Promise<HostState> =>
  proven(at, { what: `the rollback target ${short(sha)}`, withinMs }, async () => {
    const others = await otherDeployment(at, id);
    if (others.length > 0) return { problems: others };
    const state = await inspect(at.vercel, at.target);
    if (state.id === id && state.healthy) return { state };
    const { href } = new URL(at.target.health, at.target.url);
    const problems = [`${href} is not healthy: it does not answer 2xx`];
    return { problems, ...(state.id === id ? { isLive: true } : {}) };
  });

type Claim = { what: string; withinMs: number };
/** `isLive` is true if the release is live, so that only its health is wrong. */
type Reading<T> = { state: T } | { problems: string[]; isLive?: true };

async function proven<T>(
  { pace, target }: At,
  { what, withinMs }: Claim,
  read: () => Promise<Reading<T>>,
) {
  let problems: string[] = [];
  let isLive = false;
  const { state } = await poll(
    {
      now: pace.now,
      until: pace.now() + withinMs,
      pause: () => pause(pace.moveMs),
      late: () => notLive(target, what, { problems, isLive }),
    },
    async () => {
      const seen = await read();
      if ('state' in seen) return seen;
      ({ problems, isLive = false } = seen);
      return undefined;
    },
  );
  return state;
}

async function otherDeployment({ vercel, target }: At, id: string): Promise<string[]> {
  const { project, pointed } = await see(vercel, target);
  return [
    ...(project.live?.id === id
      ? []
      : [`production is ${project.live?.id ?? 'nothing'}, not ${id}`]),
    ...(pointed === id ? [] : [`${domainOf(target)} points at ${pointed ?? 'nothing'}, not ${id}`]),
    ...(isMoving(project) ? [`a ${project.lastMove?.type} is under way`] : []),
  ];
}

const notLive = (
  target: VercelTarget,
  what: string,
  { problems, isLive }: { problems: string[]; isLive: boolean },
) =>
  final(
    isLive ? failures.unhealthyRollback : failures.unhealthyRelease,
    `${nameOf(target)}: ${what} was promoted, but production does not serve it or is not healthy:\n` +
      problems.map((problem) => `- ${problem}`).join('\n'),
  );
