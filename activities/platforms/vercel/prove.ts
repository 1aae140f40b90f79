import type { VercelBuild } from '../../../domain/activities/vercel.ts';
import { failures } from '../../../domain/failures.ts';
import type { HostState, VercelTarget } from '../../../domain/plan.ts';
import { final } from '../../lib/fail.ts';
import { inspect, isMoving, see } from './look.ts';
import { pause } from './move.ts';
import type { At } from './move.ts';
import { domainOf, nameOf, short } from './place.ts';
import { otherVersion } from './preview.ts';

/** Domains follow within seconds everywhere; until `withinMs` they are waited for. */
export async function proveProduction(at: At, build: VercelBuild, withinMs: number): Promise<void> {
  const problems = await unproven(at, withinMs, async () => [
    ...(await otherDeployment(at, build.id)),
    ...(await otherVersion({
      target: build.target,
      origin: new URL(build.target.url).origin,
      headers: {},
      sha: build.deploy.sha,
    })),
  ]);
  if (problems.length > 0) throw notLive(build.target, short(build.deploy.sha), problems);
}

/** An older release may not know today's version path: production and the domain name it. */
export async function proveRestored(
  at: At,
  { id, sha }: { id: string; sha: string },
  withinMs: number,
): Promise<HostState> {
  let state: HostState | null = null;
  const problems = await unproven(at, withinMs, async () => {
    const wrong = await otherDeployment(at, id);
    if (wrong.length > 0) return wrong;
    state = await inspect(at.vercel, at.target);
    if (state.id === id && state.healthy) return [];
    return [`${new URL(at.target.health, at.target.url).href} is not healthy; 2xx is`];
  });
  if (state && problems.length === 0) return state;
  throw notLive(at.target, `the restored release ${short(sha)}`, problems);
}

async function unproven({ pace }: At, withinMs: number, look: () => Promise<string[]>) {
  const end = pace.now() + withinMs;
  for (;;) {
    const problems = await look();
    if (problems.length === 0 || pace.now() >= end) return problems;
    await pause(pace.moveMs);
  }
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

const notLive = (target: VercelTarget, what: string, problems: string[]) =>
  final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${what} was promoted and is not what production serves:\n` +
      problems.map((problem) => `- ${problem}`).join('\n'),
  );
