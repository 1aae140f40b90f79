import { asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { NorthflankStep } from '../../../domain/activities/northflank.ts';
import { failures } from '../../../domain/failures.ts';
import { chooseBuild } from '../../../domain/policy/choose-build.ts';
import { platformBounds } from '../../../domain/policy/platform-bounds.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Reach } from './connect.ts';
import { pollUntil } from './poll.ts';
import { lastWords } from './prove.ts';
import type { BuildFact } from './shapes.ts';
import { nameOf, orGone } from './sight.ts';

export type Building = { reach: Reach; step: NorthflankStep; from: string };
export type Adopting = Building & {
  known: string[];
  again: boolean;
  pushed: boolean;
  branch: string;
};

/** CI has this long to begin the build of what was pushed; a build that takes longer asks a person. */
const { graceMs, buildMs } = platformBounds.northflank;
const looksAfterNoAnswer = 3;

/** Fixed when the activity was scheduled, so that a retry waits no second time. */
const scheduledAt = () => asyncLocalStorage.getStore()?.info.scheduledTimestampMs ?? Date.now();

/** The build of the commit that is there, or begun by CI within the grace period; else one more is started. */
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

/** Without an answer the build may have begun: it is looked for before this attempt ends. */
async function start(adopting: Adopting): Promise<string> {
  const { reach, step, from, branch } = adopting;
  const { sha } = step.release;
  const on = from === step.target.service ? {} : { branch };
  try {
    const { id } = await reach.builder(from).startBuild({ sha, ...on });
    if (await orGone(reach.builder(from).build(id))) return id;
  } catch (cause) {
    const begun = cause instanceof ApplicationFailure && cause.type === failures.unknownOutcome;
    const found = begun ? await lookAgain(adopting) : null;
    if (found === null) throw cause;
    return found;
  }
  throw transient(`Northflank took the order to build ${sha.slice(0, 7)} and began nothing.`);
}

async function lookAgain(adopting: Adopting): Promise<string | null> {
  let looks = 0;
  return await pollUntil(adopting.reach, async () => {
    const found = await findBuild(adopting);
    looks += 1;
    if (found) return found.id;
    return looks < looksAfterNoAnswer ? undefined : null;
  });
}

/** Until it has succeeded, as the list and the build itself say. Final unhealthyRelease: it failed. */
export async function awaitSuccess(building: Building & { buildId: string }): Promise<void> {
  const { reach, step, from, buildId } = building;
  const bound = buildMs / step.timing.scale;
  const end = Date.now() + bound;
  await pollUntil({ ...reach, calls: 2 }, async () => {
    const build = await reach.builder(from).build(buildId);
    if (build.concluded && !build.success) throw await failedBuild(building, build);
    if (build.success && (await listed(building))) return true;
    if (Date.now() >= end) throw late(building, build, bound);
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
  const log = await reach.builder(from).buildLog(build);
  const why = build.why === null ? '' : `: ${build.why.replace(/\.$/, '')}`;
  return final(
    failures.unhealthyRelease,
    [
      `${nameOf(target)}: build ${build.id} of ${release.sha.slice(0, 7)} ended with ${build.status}${why}.`,
      'Nothing that is served was touched. Mend the commit, or deploy it again to build it again.',
      ...lastWords(log),
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
      'Look at it under "Builds" at Northflank; abort it there if it hangs, then deploy again.',
  );
