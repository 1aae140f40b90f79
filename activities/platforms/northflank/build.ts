import { asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { NorthflankStep } from '../../../domain/platforms/northflank/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { chooseBuild } from '../../../domain/platforms/northflank/choose-build.ts';
import { bounds } from '../../../domain/platforms/northflank/bounds.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Reach } from './connect.ts';
import { pollUntil } from './poll.ts';
import { lastWords, logOrWhy } from './prove.ts';
import type { BuildFact } from './api/shapes.ts';
import { nameOf, orGone } from './snapshot.ts';
import { steadyNow } from '../../lib/clocks.ts';

export type Building = { reach: Reach; step: NorthflankStep; from: string };
export type Adopting = Building & {
  known: string[];
  again: boolean;
  pushed: boolean;
  branch: string;
};

/**
 * CI must begin the build of a pushed commit within `graceMs`. If a build takes longer than
 * `buildMs`, a person must check it.
 */
const { graceMs, buildMs } = bounds;
const readsAfterNoAnswer = 3;

/**
 * Returns the time at which the activity was scheduled. A retry has the same time. So the retry
 * does not wait for the whole grace period again.
 */
const scheduledAt = () => asyncLocalStorage.getStore()?.info.scheduledTimestampMs ?? Date.now();

/**
 * Returns the id of the existing build of the commit. If there is none, returns the id of the build
 * that CI begins within the grace period. If CI begins no build, starts a build and returns its id.
 */
export async function adoptOrStart(adopting: Adopting): Promise<string> {
  const { reach, step, pushed, again } = adopting;
  const { scale } = step.timing;
  const end = scheduledAt() + (pushed && !again ? graceMs / scale : 0);
  return await pollUntil(reach, async () => {
    const found = await findBuild(adopting);
    if (found) return found.id;
    return Date.now() < end ? undefined : await start(adopting);
  });
}

async function findBuild({ reach, step, from, known, again }: Adopting) {
  const { builds } = await reach.builder(from).builds(1);
  const ours = builds.filter(({ sha }) => sha === step.release.sha);
  return chooseBuild(ours, { known, again });
}

/**
 * Starts a build and returns its id. If there is no answer, the build may have begun. Then this
 * function searches for the build.
 */
async function start(adopting: Adopting): Promise<string> {
  const { reach, step, from, branch } = adopting;
  const { sha } = step.release;
  const on = from === step.target.service ? {} : { branch };
  try {
    const { id } = await reach.builder(from).startBuild({ sha, ...on });
    if (await orGone(reach.builder(from).build(id))) return id;
  } catch (cause) {
    const begun = cause instanceof ApplicationFailure && cause.type === failures.unknownOutcome;
    const found = begun ? await readAgain(adopting) : null;
    if (found === null) throw cause;
    return found;
  }
  throw transient(
    `Northflank accepted the order to build ${sha.slice(0, 7)}, but started no build.`,
  );
}

async function readAgain(adopting: Adopting): Promise<string | null> {
  let reads = 0;
  return await pollUntil(adopting.reach, async () => {
    const found = await findBuild(adopting);
    reads += 1;
    if (found) return found.id;
    return reads < readsAfterNoAnswer ? undefined : null;
  });
}

/**
 * Waits until the build and the list of builds both report success. Throws a final failure of type
 * 'unhealthyRelease' if the build fails. Throws a transient failure if the build takes too long.
 */
export async function awaitSuccess(building: Building & { buildId: string }): Promise<void> {
  const { reach, step, from, buildId } = building;
  const bound = buildMs / step.timing.scale;
  const end = steadyNow() + bound;
  await pollUntil({ ...reach, calls: 2 }, async () => {
    const build = await reach.builder(from).build(buildId);
    if (build.concluded && !build.success) throw await failedBuild(building, build);
    if (build.success && (await listed(building))) return true;
    if (steadyNow() >= end) throw late(building, build, bound);
    return undefined;
  });
}

async function listed({ reach, from, buildId, step }: Building & { buildId: string }) {
  const { builds } = await reach.builder(from).builds(1);
  const build = builds.find(({ id }) => id === buildId);
  return build?.success === true && build.sha === step.release.sha;
}

async function failedBuild({ reach, step, from }: Building, build: BuildFact) {
  const { target, release } = step;
  const log = await logOrWhy(() => reach.builder(from).buildLog(build));
  const why = build.why === null ? '' : `: ${build.why.replace(/\.$/, '')}`;
  return final(
    failures.unhealthyRelease,
    [
      `${nameOf(target)}: build ${build.id} of ${release.sha.slice(0, 7)} ended with ${build.status}${why}.`,
      'The live release was not touched. Fix the commit. Or deploy the same commit again, which builds it again.',
      ...('unread' in log ? [log.unread] : lastWords(log)),
      `See more: "Builds" of ${target.project}/${from} at Northflank`,
    ].join('\n'),
  );
}

const late = (
  { step, buildId }: Building & { buildId: string },
  { status }: BuildFact,
  ms: number,
) =>
  transient(
    `${nameOf(step.target)}: build ${buildId} is ${status} and did not end in ${Math.round(ms / 60_000)} min. ` +
      'Check it under "Builds" at Northflank. If it hangs, abort it there, then deploy again.',
  );
