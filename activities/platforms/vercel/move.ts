import type { VercelTarget } from '../../../domain/plan.ts';
import { cancellation } from '../../git/pulse.ts';
import { transient, unknown } from '../../lib/fail.ts';
import { hints } from '../../lib/hints.ts';
import type { Vercel } from './client.ts';
import { isMoving } from './look.ts';
import { domainOf, nameOf } from './place.ts';
import type { Project } from './shapes/project.ts';

export type Pace = {
  now: () => number;
  /** Between two looks at a promote or rollback, and how long one may take. */
  moveMs: number;
  mostMoveMs: number;
};
export type At = { pace: Pace; vercel: Vercel; target: VercelTarget };

export const pause = (ms: number) => hints.pause('vercel', { ms, leastMs: 500 }, cancellation());

/** Once no promote or rollback is under way, whoever began it. Transient: it takes too long. */
export async function whenSettled({ pace, vercel, target }: At): Promise<Project> {
  const end = pace.now() + pace.mostMoveMs;
  for (;;) {
    const project = await vercel.project(target.project);
    if (!isMoving(project)) return project;
    if (pace.now() >= end) throw transient(stillMoving(target, project, pace));
    await pause(pace.moveMs);
  }
}

const stillMoving = (target: VercelTarget, { lastMove }: Project, { mostMoveMs }: Pace) =>
  `${nameOf(target)}: a ${lastMove?.type} to ${lastMove?.to} is still under way after ` +
  `${Math.round(mostMoveMs / 1000)} s. Look at it in Vercel's dashboard.`;

type Verb = 'promote' | 'rollback';
type Answer = 'accepted' | 'conflict' | 'not-on-plan';
type Begin = (project: Project) => Promise<Answer>;

const mostTries = 3;

/**
 * Makes the deployment what the project calls production. Another one's promote is waited for, never raced; a 409
 * is read, not failed: 'met' = it is what it should be without us. Unknown: the next attempt looks.
 */
export async function moveTo(at: At, id: string, verb: Verb, begin: Begin) {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const before = await whenSettled(at);
    if (before.live?.id === id && attempt > 1) return 'met';
    if (before.live?.id === id && (await isPointed(at, before, id))) return 'already';
    const answer = await begin(before);
    if (answer === 'not-on-plan') return answer;
    if (answer === 'accepted' && (await ended(at, id, verb, before)) === 'done') return 'done';
  }
  throw transient(`${nameOf(at.target)}: others keep promoting while ${id} is to go live.`);
}

/** One answer may be old: what is said to be live already must be where the domain points, too. */
async function isPointed({ vercel, target }: At, { id: projectId }: Project, id: string) {
  const where = { project: target.project, projectId, domain: domainOf(target) };
  return (await vercel.pointsAt(where)) === id;
}

/** The job is another one than the one before it; what it says of itself may come late. */
async function ended({ pace, vercel, target }: At, id: string, verb: Verb, before: Project) {
  const end = pace.now() + pace.mostMoveMs;
  for (;;) {
    const project = await vercel.project(target.project);
    const { lastMove, live } = project;
    if (live?.id === id && !isMoving(project)) return 'done';
    if (isOvertaken(project, id, before)) return 'overtaken';
    const ours = lastMove?.to === id && lastMove.requestedAt !== before.lastMove?.requestedAt;
    if (ours && (lastMove.status === 'failed' || lastMove.status === 'skipped'))
      throw transient(await failed({ vercel, target, verb, id, status: lastMove.status }));
    if (pace.now() >= end) throw unknown(noEnd(target, verb, id));
    await pause(pace.moveMs);
  }
}

/** Somebody gave another order since, and it is through: what was ordered here will never come. */
const isOvertaken = (project: Project, id: string, before: Project) =>
  project.lastMove !== null &&
  project.lastMove.to !== id &&
  project.lastMove.requestedAt > (before.lastMove?.requestedAt ?? 0) &&
  !isMoving(project);

const noEnd = (target: VercelTarget, verb: Verb, id: string) =>
  `${nameOf(target)}: Vercel took the ${verb} to ${id}, and it did not end.`;

type Failed = Pick<At, 'vercel' | 'target'> & { verb: Verb; id: string; status: string };

async function failed({ vercel, target, verb, id, status }: Failed): Promise<string> {
  const moves = await vercel.aliasMoves(target.project).catch(() => []);
  const stayed = moves.filter((move) => move.status !== 'completed').map(({ alias }) => alias);
  const where = stayed.length > 0 ? ` These domains did not follow: ${stayed.join(', ')}.` : '';
  return `${nameOf(target)}: the ${verb} to ${id} ${status} at Vercel.${where}`;
}
