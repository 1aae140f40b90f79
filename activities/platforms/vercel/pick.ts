import type { Activities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final, unknown } from '../../lib/fail.ts';
import type { Vercel } from './api/client.ts';
import { poll } from '../../lib/poll.ts';
import { pause } from './move.ts';
import { nameOf, short } from './place.ts';
import type { ListedDeployment } from './api/shapes/deployment.ts';
import type { Project } from './api/shapes/project.ts';

export type PickPace = {
  now: () => number;
  pollMs: number;
  /**
   * If this deploy pushed the commit, Vercel must begin the build within this time, in
   * milliseconds.
   */
  appearMs: number;
  /**
   * If the commit was pushed before this deploy, Vercel must begin the build within this time, in
   * milliseconds.
   */
  graceMs: number;
};
type Step = Parameters<Activities['pickDeployment']>[0];
type Picking = { pace: PickPace; vercel: Vercel; project: Project; step: Step };

/**
 * Returns the id of a production deployment of the commit. The first choice is the deployment that
 * this deploy started. The second choice is the newest usable deployment, except if `again` is
 * true. If there is no such deployment, starts a new one.
 */
export async function pickDeployment(
  { pace, vercel }: Pick<Picking, 'pace' | 'vercel'>,
  step: Step,
): Promise<{ id: string }> {
  const project = await vercel.project(step.target.project);
  const picking = { pace, vercel, project, step };
  const end = pace.now() + (step.pushed ? pace.appearMs : pace.graceMs);
  const id = await poll({ pause: () => pause(pace.pollMs) }, async () => {
    const all = await productionBuilds(picking);
    const ours = all.find(({ releaseId }) => releaseId === step.deploy.deployId);
    if (ours) return ours.id;
    const found = step.again ? null : await usable(picking, all);
    if (found) return found;
    const [old] = all;
    if (step.again || old) return await start(picking, old);
    if (pace.now() < end) return undefined;
    if (step.pushed) throw noDeployment(picking);
    return await start(picking, undefined);
  });
  return { id };
}

const productionBuilds = ({ vercel, project, step }: Picking) =>
  vercel.deployments({
    project: step.target.project,
    projectId: project.id,
    sha: step.deploy.sha,
    target: 'production',
    newest: true,
  });

const over = new Set<string>(['ERROR', 'CANCELED', 'DELETED']);
const most = 5;

/**
 * Returns the newest production deployment that was built from the commit, or null. Ignores a build
 * that failed before the time of the plan, so that the commit is built again. Does not ignore a
 * build that failed after the plan, because this failure must end the deploy.
 */
async function usable({ vercel, step }: Picking, all: readonly ListedDeployment[]) {
  const since = Date.parse(step.plannedAt);
  const candidates = all
    .filter(({ production, dirty }) => production && !dirty)
    .filter(({ state, createdAt }) => !over.has(state) || createdAt >= since);
  for (const { id } of candidates.slice(0, most)) {
    const deployment = await vercel.deployment({ project: step.target.project, id });
    if (deployment?.built === step.deploy.sha) return id;
  }
  return null;
}

/**
 * Starts a deployment and returns the id of this deployment. The deployment contains the deploy id,
 * so the next attempt finds it.
 */
async function start(picking: Picking, old: ListedDeployment | undefined): Promise<string> {
  const { vercel, project, step } = picking;
  const { sha, deployId } = step.deploy;
  const { repoId, type } = project.link ?? { repoId: null, type: '' };
  const linked = repoId !== null && type.startsWith('github');
  const from = linked ? { repoId, ref: step.target.branch, sha } : old && { deployment: old.id };
  if (!from) throw noDeployment(picking);
  const where = { project: project.name, projectId: project.id };
  const id = await vercel.createDeployment({ ...where, releaseId: deployId, from });
  if (await vercel.deployment({ project: project.name, id })) return id;
  throw unknown(
    `${nameOf(step.target)}: Vercel answered that it started ${id}, but now it does not find ${id}.`,
  );
}

function noDeployment({ pace, step, project }: Picking) {
  const { target, deploy } = step;
  const waited = Math.round((step.pushed ? pace.appearMs : pace.graceMs) / 1000);
  return final(
    failures.rejectedByPlatform,
    `${nameOf(target)}: Vercel has no production build of ${short(deploy.sha)}. Plimsoll waited ${waited} s ` +
      `for a build on ${target.branch}.\nNothing was promoted. Check in the project's settings: Git (` +
      `${project.link ? `linked to ${project.link.repository ?? 'a repository'}, branch ${project.link.branch ?? 'unknown'}` : 'it is linked to no repository'}` +
      '), the Ignored Build Step, and whether commits must be verified. Then deploy again.',
  );
}
