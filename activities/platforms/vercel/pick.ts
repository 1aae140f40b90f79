import type { Activities } from '../../../domain/activities.ts';
import { failures } from '../../../domain/failures.ts';
import { final, unknown } from '../../lib/fail.ts';
import type { Vercel } from './client.ts';
import { pause } from './move.ts';
import { nameOf, short } from './place.ts';
import type { ListedDeployment } from './shapes/deployment.ts';
import type { Project } from './shapes/project.ts';

export type PickPace = {
  now: () => number;
  pollMs: number;
  /** A push makes Vercel build within this; a commit that lay there is waited for less. */
  appearMs: number;
  graceMs: number;
};
type Step = Parameters<Activities['pickDeployment']>[0];
type Picking = { pace: PickPace; vercel: Vercel; project: Project; step: Step };

/** Ours by its key, else the newest of the commit, else one that is started. */
export async function pickDeployment(
  { pace, vercel }: Pick<Picking, 'pace' | 'vercel'>,
  step: Step,
): Promise<{ id: string }> {
  const project = await vercel.project(step.target.project);
  const picking = { pace, vercel, project, step };
  const end = pace.now() + (step.pushed ? pace.appearMs : pace.graceMs);
  for (;;) {
    const all = await productionBuilds(picking);
    const ours = all.find(({ releaseId }) => releaseId === step.deploy.deployId);
    if (ours) return { id: ours.id };
    const found = step.again ? null : await usable(picking, all);
    if (found) return { id: found };
    const [old] = all;
    if (step.again || old) return { id: await start(picking, old) };
    if (pace.now() >= end) {
      if (step.pushed) throw noDeployment(picking);
      return { id: await start(picking, undefined) };
    }
    await pause(pace.pollMs);
  }
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

/** A failure of before this deploy is tried anew; one of this deploy is what it is. */
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

/** With our key, so that the next attempt finds it. */
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
  throw unknown(`${nameOf(step.target)}: Vercel said that it started ${id}, and does not know it.`);
}

function noDeployment({ pace, step, project }: Picking) {
  const { target, deploy } = step;
  const waited = Math.round((step.pushed ? pace.appearMs : pace.graceMs) / 1000);
  return final(
    failures.rejectedByPlatform,
    `${nameOf(target)}: Vercel has no production build of ${short(deploy.sha)} ${waited} s after it is on ` +
      `${target.branch}.\nNothing was promoted. Check in the project's settings: Git (` +
      `${project.link ? `linked to ${project.link.repository ?? 'a repository'}, branch ${project.link.branch ?? 'unknown'}` : 'it is linked to no repository'}` +
      '), the Ignored Build Step, and whether commits must be verified. Then deploy again.',
  );
}
