import type { HostState, VercelTarget } from '../../../domain/plan.ts';
import { confirmedProbe } from '../../probe.ts';
import type { Vercel } from './client.ts';
import { domainOf, nameOf } from './place.ts';
import type { ListedDeployment } from './shapes/deployment.ts';
import type { Project } from './shapes/project.ts';

export type Seen = {
  project: Project;
  /** The deployment that the domain of `url` points at; null = it is no domain of the project. */
  pointed: string | null;
};

export async function see(vercel: Vercel, target: VercelTarget): Promise<Seen> {
  const project = await vercel.project(target.project);
  const where = { project: target.project, projectId: project.id, domain: domainOf(target) };
  return { project, pointed: await vercel.pointsAt(where) };
}

/** A word of Vercel's that we do not know is no end, unless what it was about is live. */
export function isMoving({ lastMove, live }: Pick<Project, 'lastMove' | 'live'>): boolean {
  if (!lastMove) return false;
  const { status, to } = lastMove;
  if (status === 'unknown') return live?.id !== to;
  return status === 'pending' || status === 'in-progress';
}

const confirmMs = 500;

export const isHealthy = async ({ url, health }: VercelTarget) =>
  (await confirmedProbe(new URL(health, url).href, { confirmMs })).ok;

const nothing = (host: string): HostState => ({
  host,
  sha: null,
  runningSha: null,
  invocationId: null,
  active: false,
  healthy: false,
  ready: [],
});

/** What the domain serves, by the commit that Vercel fetched for it; `ids` are what it would roll back to. */
export async function inspect(vercel: Vercel, target: VercelTarget): Promise<HostState> {
  const seen = await see(vercel, target);
  const { project, pointed } = seen;
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

/** Newest first, so the newest of a commit is the one that is named. */
function idsOf(candidates: readonly ListedDeployment[]): Record<string, string> {
  const clean = candidates.filter(({ commit, dirty }) => commit !== null && !dirty);
  return Object.fromEntries(clean.toReversed().map(({ commit, id }) => [commit as string, id]));
}
