import { ApplicationFailure } from '@temporalio/common';
import type { VercelBuild } from '../../../domain/activities/vercel.ts';
import { failures } from '../../../domain/failures.ts';
import { plimsoll } from '../../../domain/messages.ts';
import { final } from '../../lib/fail.ts';
import type { Vercel } from './client.ts';
import { pause } from './move.ts';
import { nameOf, short } from './place.ts';
import type { Deployment } from './shapes/deployment.ts';

export type BuildPace = { now: () => number; pollMs: number; mostBuildMs: number };
type Awaiting = { pace: BuildPace; vercel: Vercel; build: VercelBuild };

export async function awaitDeployment(awaiting: Awaiting): Promise<void> {
  const { pace, vercel, build } = awaiting;
  const end = pace.now() + pace.mostBuildMs;
  for (;;) {
    const where = { project: build.target.project, id: build.id };
    const deployment = await vercel.deployment(where);
    if (deployment?.state === 'READY') return mustBeOf(build, deployment);
    if (!deployment || deployment.state === 'DELETED') throw gone(build, 'is not there any more');
    if (deployment.state === 'CANCELED') throw gone(build, 'was cancelled at Vercel');
    if (deployment.state === 'ERROR') throw await failed(awaiting, deployment);
    if (deployment.state === 'BLOCKED') throw waits(build, blocked(build, deployment));
    if (pace.now() >= end) throw waits(build, tooLong(build, deployment, pace));
    await pause(pace.pollMs);
  }
}

/** What a deployment says of its commit anyone may write: what Vercel fetched counts. */
function mustBeOf(build: VercelBuild, { built, dirty, production }: Deployment) {
  const { sha } = build.deploy;
  if (built === sha && !dirty && production) return;
  const what = production
    ? `was built from ${built ? short(built) : 'files that came from no commit'}`
    : 'is no production build, a promote would build it anew';
  throw final(
    failures.rejectedByPlatform,
    `${at(build)} ${what}, not from ${short(sha)}.\n` +
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
    .catch(() => ['its build log could not be read']);
  return final(
    failures.unhealthyRelease,
    `${nameOf(build.target)}: the build of ${short(build.deploy.sha)} failed at Vercel` +
      `${problem ? ` (${problem})` : ''}. Nothing was promoted.\nIts last lines:\n${lines.join('\n')}\n` +
      `Mend it and deploy the new commit. The whole log: vercel inspect ${build.id} --logs`,
  );
}

/** Not tried again by itself: the step is stuck until a person comes. */
const waits = (_build: VercelBuild, text: string) =>
  ApplicationFailure.nonRetryable(text, failures.unavailable);

const then = ({ deploy: { project, environment } }: VercelBuild) =>
  `Nothing was promoted. Then: ${plimsoll} retry ${project} ${environment}`;

const blocked = (build: VercelBuild, { problem }: Deployment) =>
  `${at(build)} is blocked at Vercel${problem ? ` (${problem})` : ''}: it waits for a person, a seat or a ` +
  `verified commit. Let it go on in the dashboard. ${then(build)}`;

const tooLong = (build: VercelBuild, { state }: Deployment, { mostBuildMs }: BuildPace) =>
  `${at(build)} is ${state} since more than ${Math.round(mostBuildMs / 60_000)} min. Look at it in the ` +
  `dashboard. ${then(build)}`;
