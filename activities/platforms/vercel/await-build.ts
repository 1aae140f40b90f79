import { ApplicationFailure } from '@temporalio/common';
import type { VercelBuild } from '../../../domain/platforms/vercel/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { plimsoll } from '../../../domain/deploy/wire.ts';
import { final } from '../../lib/fail.ts';
import { poll } from '../../lib/poll.ts';
import type { Vercel } from './api/client.ts';
import { pause } from './move.ts';
import { nameOf, short } from './place.ts';
import type { Deployment } from './api/shapes/deployment.ts';

export type BuildPace = { now: () => number; pollMs: number; mostBuildMs: number };
type Awaiting = { pace: BuildPace; vercel: Vercel; build: VercelBuild };

export async function awaitDeployment(awaiting: Awaiting): Promise<void> {
  const { pace, vercel, build } = awaiting;
  const where = { project: build.target.project, id: build.id };
  let deployment = null as Deployment | null;
  const pacing = {
    now: pace.now,
    until: pace.now() + pace.mostBuildMs,
    pause: () => pause(pace.pollMs),
  };
  const late = () => waits(build, tooLong(build, deployment, pace));
  const ready = await poll({ ...pacing, late }, async () => {
    deployment = await vercel.deployment(where);
    if (deployment?.state === 'READY') return deployment;
    if (!deployment || deployment.state === 'DELETED') throw gone(build, 'does not exist any more');
    if (deployment.state === 'CANCELED') throw gone(build, 'was cancelled at Vercel');
    if (deployment.state === 'ERROR') throw await failed(awaiting, deployment);
    if (deployment.state === 'BLOCKED') throw waits(build, blocked(build, deployment));
    return undefined;
  });
  mustBeOf(build, ready);
}

/**
 * Throws a final failure of type 'rejectedByPlatform' if the deployment is not a production build
 * of the commit. The commit in the metadata proves nothing, because anybody who may deploy can write
 * it. So this function compares the commit that Vercel fetched from git.
 */
function mustBeOf(build: VercelBuild, { built, dirty, production }: Deployment) {
  const { sha } = build.deploy;
  if (built === sha && !dirty && production) return;
  const what = production
    ? `was built from ${built ? short(built) : 'files that came from no commit'}, not from ${short(sha)}`
    : `of ${short(sha)} is no production build, so a promote would build it again`;
  throw final(
    failures.rejectedByPlatform,
    `${at(build)} ${what}.\n` +
      'Nothing was promoted. Let Vercel build the commit from git, then deploy again.',
  );
}

const at = ({ target, id }: VercelBuild) => `${nameOf(target)}: the deployment ${id}`;

const gone = (build: VercelBuild, why: string) =>
  final(
    failures.rejectedByPlatform,
    `${at(build)} of ${short(build.deploy.sha)} ${why}.\nNothing was promoted. Deploy again.`,
  );

async function failed({ vercel, build }: Awaiting, { problem }: Deployment) {
  const lines = await vercel
    .failingLines({ project: build.target.project, id: build.id })
    .catch(() => ['(the build log could not be read)']);
  return final(
    failures.unhealthyRelease,
    `${nameOf(build.target)}: the build of ${short(build.deploy.sha)} failed at Vercel` +
      `${problem ? ` (${problem})` : ''}. Nothing was promoted.\nThe last lines of the build log:\n${lines.join('\n')}\n` +
      `Fix the build and deploy the new commit. The whole log: vercel inspect ${build.id} --logs`,
  );
}

/** Makes a failure that Temporal does not retry. The step is stuck until a person acts. */
const waits = (_build: VercelBuild, text: string) =>
  ApplicationFailure.nonRetryable(text, failures.unavailable);

const then = ({ deploy: { project, environment } }: VercelBuild) =>
  `Then run: ${plimsoll} retry ${project} ${environment}`;

const blocked = (build: VercelBuild, { problem }: Deployment) =>
  `${at(build)} is blocked at Vercel${problem ? ` (${problem})` : ''}: it waits for a person, a seat or a ` +
  `verified commit. Nothing was promoted. Unblock the deployment in Vercel's dashboard. ${then(build)}`;

const tooLong = (build: VercelBuild, deployment: Deployment | null, { mostBuildMs }: BuildPace) =>
  `${at(build)} has been ${deployment?.state} for more than ${Math.round(mostBuildMs / 60_000)} min. Nothing was promoted. ` +
  `Check the deployment in Vercel's dashboard. ${then(build)}`;
