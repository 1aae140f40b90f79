import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { isHealthy } from '../../lib/health.ts';
import type { Vercel } from './api/client.ts';
import { domainOf, nameOf } from './place.ts';
import type { ListedDeployment } from './api/shapes/deployment.ts';
import type { Project, ProjectDomain } from './api/shapes/project.ts';

export type Snapshot = {
  project: Project;
  /**
   * The domain of `url` in the project's settings. null means that the project does not have the
   * domain.
   */
  domain: ProjectDomain | null;
  /** The deployment to which the domain of `url` points. null means that there is none. */
  alias: string | null;
  /**
   * The deployment that production serves at `url`. null means that there is none, or that the
   * domain of `url` is not a production domain. Vercel points its generated addresses to every
   * finished build, so such an address proves nothing about production.
   */
  pointed: string | null;
};

export async function see(vercel: Vercel, target: VercelTarget): Promise<Snapshot> {
  const project = await vercel.project(target.project);
  const where = { project: target.project, projectId: project.id, domain: domainOf(target) };
  const [domain, alias] = await Promise.all([vercel.domain(where), vercel.pointsAt(where)]);
  return { project, domain, alias, pointed: isProduction(domain) ? alias : null };
}

/**
 * True if a promotion moves the domain. For this, the domain must serve production, not a branch or
 * a redirect.
 */
export const isProduction = (domain: ProjectDomain | null): domain is ProjectDomain =>
  domain !== null &&
  domain.branch === null &&
  !domain.custom &&
  domain.redirect === null &&
  domain.verified;

/**
 * True if a promotion or rollback is still running. A job in an unknown state counts as running
 * until its deployment is live.
 */
export function isMoving({ lastMove, live }: Pick<Project, 'lastMove' | 'live'>): boolean {
  if (!lastMove) return false;
  const { status, to } = lastMove;
  if (status === 'unknown') return live?.id !== to;
  return status === 'pending' || status === 'in-progress';
}

const nothing = (host: string): HostState => ({
  host,
  sha: null,
  runningSha: null,
  invocationId: null,
  active: false,
  healthy: false,
  ready: [],
});

/**
 * Returns the state of production. The state names the deployment to which the domain points, and
 * the commit from which this deployment was built. `ids` lists the deployments to which Vercel
 * offers a rollback.
 */
export async function inspect(vercel: Vercel, target: VercelTarget): Promise<HostState> {
  const snapshot = await see(vercel, target);
  const { project, pointed } = snapshot;
  const id = pointed ?? project.live?.id;
  if (id === undefined) return nothing(nameOf(target));
  const [deployment, candidates, healthy] = await Promise.all([
    vercel.deployment({ project: target.project, id }),
    candidatesOf(vercel, target, project),
    isHealthy(target),
  ]);
  const sha = deployment && !deployment.dirty ? deployment.built : null;
  const ids = idsOf(candidates);
  return {
    host: nameOf(target),
    sha,
    runningSha: sha,
    invocationId: null,
    active: !project.paused,
    healthy: healthy && project.live?.id === id && !isMoving(project),
    ready: Object.keys(ids),
    id,
    ids,
    ...(sha === null ? { foreign: { path: id, sha: null } } : {}),
  };
}

export const candidatesOf = (vercel: Vercel, target: VercelTarget, { id }: Project) =>
  vercel.deployments({
    project: target.project,
    projectId: id,
    target: 'production',
    rollbackCandidate: true,
    newest: true,
  });

/** Returns the id of the newest deployment of each commit. `candidates` must be newest first. */
function idsOf(candidates: readonly ListedDeployment[]): Record<string, string> {
  const clean = candidates.filter(({ commit, dirty }) => commit !== null && !dirty);
  return Object.fromEntries(clean.toReversed().map(({ commit, id }) => [commit as string, id]));
}
