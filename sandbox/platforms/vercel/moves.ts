import { setTimeout as delay } from 'node:timers/promises';
import { sendEvent } from './events.ts';
import type { Site } from './site.ts';
import { liveOf, newId } from './state.ts';
import type { AliasMove, AliasRequest, Deployment, Project } from './state.ts';

export const point = (project: Project, domain: string, deployment: Deployment) => {
  const known = project.aliases.find((alias) => alias.domain === domain);
  const uid = known?.uid ?? newId('als').slice(4);
  const alias = { uid, domain, deploymentId: deployment.id, createdAt: Date.now() };
  project.aliases = [...project.aliases.filter((one) => one !== known), alias];
  return { alias, oldDeploymentId: known?.deploymentId ?? null };
};

/**
 * Makes the generated address point to a ready production build. Public records of real projects:
 * "staging can move the generated project alias while leaving the registered permanent domain on
 * its old deployment".
 */
export const followBuild = (project: Project, deployment: Deployment) =>
  void point(project, project.generated, deployment);

/** Makes all production domains point to the deployment, and records the deployment as live. */
export function makeLive(project: Project, deployment: Deployment) {
  for (const domain of project.domains) point(project, domain, deployment);
  project.lives.push(deployment.id);
  deployment.substate = 'PROMOTED';
}

export function goLive(site: Site, project: Project, deployment: Deployment) {
  makeLive(project, deployment);
  site.board.count('vercel', 'live', `${project.name} ${deployment.id} ${deployment.sha}`);
}

const setStatus = (
  project: Project,
  { type }: AliasRequest,
  status: (domain: string) => AliasMove['status'],
) => {
  project.moves[type] = project.moves[type].map((move) => ({
    ...move,
    status: status(move.alias),
  }));
};

/** Makes only the first domain point to the deployment, and reports the job as failed. */
function moveInPart(project: Project, deployment: Deployment, request: AliasRequest) {
  const [first = ''] = project.domains;
  point(project, first, deployment);
  const status = (domain: string) => (domain === first ? 'completed' : 'failed');
  setStatus(project, request, status);
  request.jobStatus = 'failed';
}

function finish(site: Site, project: Project, deployment: Deployment, request: AliasRequest) {
  const { nextMove } = project;
  project.nextMove = null;
  if (nextMove === 'fails-in-part') return moveInPart(project, deployment, request);
  const status = nextMove === 'fails' ? 'failed' : 'completed';
  setStatus(project, request, () => status);
  request.jobStatus = nextMove === 'fails' ? 'failed' : 'succeeded';
  if (nextMove === 'fails') return undefined;
  goLive(site, project, deployment);
  // As at Vercel, a job of type `rollback` turns `autoAssign` off, and a job of type `promote`
  // turns it on.
  project.autoAssign = request.type === 'promote';
  const event = request.type === 'promote' ? 'deployment.promoted' : 'deployment.rollback';
  return sendEvent(site, project, deployment, event);
}

/**
 * Starts a job that promotes or rolls back. The status of the job is first pending, then
 * in-progress, and at the end succeeded or failed.
 */
export function startMove(
  site: Site,
  project: Project,
  deployment: Deployment,
  type: AliasRequest['type'],
) {
  const request: AliasRequest = {
    fromDeploymentId: liveOf(project)?.id ?? null,
    toDeploymentId: deployment.id,
    jobStatus: 'pending',
    requestedAt: Date.now(),
    type,
  };
  project.lastAliasRequest = request;
  project.moves[type] = project.domains.map((alias) => ({
    id: newId('job'),
    alias,
    status: 'pending',
  }));
  const job = async () => {
    await project.jobs.through();
    await delay(site.paceMs, undefined, { signal: site.closing });
    request.jobStatus = 'in-progress';
    await delay(site.paceMs, undefined, { signal: site.closing });
    await project.jobs.through();
    finish(site, project, deployment, request);
  };
  job().catch(() => undefined);
}
