import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { transient, unknown } from '../../lib/fail.ts';
import { hints } from '../../lib/hints.ts';
import { poll } from '../../lib/poll.ts';
import type { Vercel } from './api/client.ts';
import { isMoving } from './snapshot.ts';
import { domainOf, nameOf } from './place.ts';
import type { AliasMove } from './api/shapes/lists.ts';
import type { Project } from './api/shapes/project.ts';

export type Pace = {
  now: () => number;
  /** Pause in milliseconds between two reads of a running promotion or rollback. */
  moveMs: number;
  /** Time limit of a promotion or rollback, in milliseconds. */
  mostMoveMs: number;
};
export type At = { pace: Pace; vercel: Vercel; target: VercelTarget };

export const pause = (ms: number) => hints.pause('vercel', { ms, leastMs: 500 }, cancellation());

/**
 * Waits until no promotion or rollback is running, and returns the project. Throws a transient
 * failure if a running promotion or rollback takes too long.
 */
export async function whenSettled({ pace, vercel, target }: At): Promise<Project> {
  let project: Project | undefined;
  return await poll(
    {
      ...waiting(pace),
      late: () => transient(stillMoving(target, project, pace)),
    },
    async () => {
      project = await vercel.project(target.project);
      return isMoving(project) ? undefined : project;
    },
  );
}

const waiting = (pace: Pace) => ({
  now: pace.now,
  until: pace.now() + pace.mostMoveMs,
  pause: () => pause(pace.moveMs),
});

const stillMoving = (target: VercelTarget, project: Project | undefined, { mostMoveMs }: Pace) =>
  `${nameOf(target)}: a ${project?.lastMove?.type} to ${project?.lastMove?.to} is still under way after ` +
  `${Math.round(mostMoveMs / 1000)} s. Check it in Vercel's dashboard.`;

type Verb = 'promote' | 'rollback';
type Answer = 'accepted' | 'conflict' | 'not-on-plan';
type Begin = (project: Project) => Promise<Answer>;

const mostTries = 3;

/**
 * Makes the deployment production, and waits until Vercel reports the change. First waits until no
 * other promotion or rollback is running. Returns 'done' after the change. Returns 'already' if the
 * deployment was production before, and the domain pointed to it. Returns 'met' if a later try
 * found that the deployment is production. Returns 'not-on-plan' if the Vercel plan has no
 * rollback. Throws a failure of type 'unknownOutcome' if the job does not end. Throws a transient
 * failure if the job fails.
 */
export async function moveTo(at: At, id: string, verb: Verb, begin: Begin) {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const before = await whenSettled(at);
    if (before.live?.id === id && attempt > 1) return 'met';
    if (before.live?.id === id && (await isPointed(at, before, id))) return 'already';
    const earlier = await earlierJobs(at, before, verb);
    const answer = await begin(before);
    if (answer === 'not-on-plan') return answer;
    if (answer === 'accepted' && (await ended(at, { id, verb, before, earlier })) === 'done')
      return 'done';
  }
  throw transient(
    `${nameOf(at.target)}: ${id} did not go live, because other promotes ran at the same time.`,
  );
}

/**
 * True if the domain points to the deployment. Reads the domain, because the answer about the
 * project may be old.
 */
async function isPointed({ vercel, target }: At, { id: projectId }: Project, id: string) {
  const where = { project: target.project, projectId, domain: domainOf(target) };
  return (await vercel.pointsAt(where)) === id;
}

/**
 * The promotion or rollback that this deploy started. Vercel has one job for each domain. `earlier`
 * contains the ids of the jobs that existed before. It is null if these jobs were not read.
 */
type Job = { id: string; verb: Verb; before: Project; earlier: Set<string | null> | null };

/**
 * Returns the ids of the domains' jobs before this deploy started its promotion or rollback. If
 * Vercel reports the newest promotion or rollback of the project (`lastMove`), these ids are not
 * needed, and the result is null. Vercel sometimes does not report it, even after a promotion.
 */
async function earlierJobs(at: At, before: Project, verb: Verb): Promise<Job['earlier']> {
  if (before.lastMove) return null;
  const moves = await movesOf(at, { verb, before });
  return moves && new Set(moves.map(({ id }) => id));
}

/**
 * Waits until the promotion or rollback of this deploy has ended. At first, Vercel may still report
 * the previous job, which has another `requestedAt`. If Vercel reports no job at all, the states of
 * the domains show whether the job failed.
 */
async function ended(at: At, job: Job) {
  const { pace, vercel, target } = at;
  const { id, before } = job;
  const late = async () => unknown(noEnd(target, job, stayed(await newMoves(at, job))));
  return await poll<'done' | 'overtaken'>({ ...waiting(pace), late }, async () => {
    const project = await vercel.project(target.project);
    const { lastMove, live } = project;
    if (live?.id === id && !isMoving(project)) return 'done';
    if (isOvertaken(project, id, before)) return 'overtaken';
    const ours = lastMove?.to === id && lastMove.requestedAt !== before.lastMove?.requestedAt;
    if (ours && (lastMove.status === 'failed' || lastMove.status === 'skipped'))
      throw transient(failed(target, job, lastMove.status, (await movesOf(at, job)) ?? []));
    if (lastMove === null) {
      const moves = await newMoves(at, job);
      if (haveFailed(moves)) throw transient(failed(target, job, 'failed', moves));
    }
    return undefined;
  });
}

/** Returns the states of the domains in the newest job, or null if they cannot be read. */
const movesOf = async ({ vercel, target }: At, { verb, before }: Pick<Job, 'verb' | 'before'>) =>
  await vercel
    .aliasMoves({ project: target.project, projectId: before.id, of: verb })
    .catch(() => null);

/**
 * Returns the states of the domains in the newest job, like `movesOf`, but without the jobs that
 * existed before this deploy. Returns an empty list if no newer job is known.
 */
async function newMoves(at: At, job: Job): Promise<AliasMove[]> {
  const { earlier } = job;
  if (!earlier) return [];
  return ((await movesOf(at, job)) ?? []).filter(({ id }) => id !== null && !earlier.has(id));
}

const haveFailed = (moves: readonly AliasMove[]) =>
  moves.every(({ status }) => ['completed', 'failed', 'skipped'].includes(status)) &&
  moves.some(({ status }) => status === 'failed');

const stayed = (moves: readonly AliasMove[]) =>
  moves.filter(({ status }) => status !== 'completed').map(({ alias }) => alias);

/**
 * True if a later promotion or rollback to another deployment has ended. Then Vercel never reports
 * the end of the job of this deploy.
 */
const isOvertaken = (project: Project, id: string, before: Project) =>
  project.lastMove !== null &&
  project.lastMove.to !== id &&
  project.lastMove.requestedAt > (before.lastMove?.requestedAt ?? 0) &&
  !isMoving(project);

const noEnd = (target: VercelTarget, { verb, id }: Job, domains: readonly string[]) =>
  `${nameOf(target)}: Vercel accepted the ${verb} to ${id}, but the ${verb} did not end.${didNotFollow(domains)}`;

const failed = (
  target: VercelTarget,
  { verb, id }: Job,
  status: string,
  moves: readonly AliasMove[],
) =>
  `${nameOf(target)}: the ${verb} to ${id} ended as "${status}" at Vercel.${didNotFollow(stayed(moves))}`;

const didNotFollow = (domains: readonly string[]) =>
  domains.length > 0 ? ` These domains were not moved: ${domains.join(', ')}.` : '';
