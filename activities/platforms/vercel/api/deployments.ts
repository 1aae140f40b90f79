import { z } from 'zod';
import { hostOfUrl, isLoopback } from '../../../lib/addresses.ts';
import type { Ask } from './ask.ts';
import { allPages } from './pages.ts';
import { Deployment, DeploymentPage, LocalDeployment } from './shapes/deployment.ts';
import type { ListedDeployment } from './shapes/deployment.ts';

type Wanted = {
  /** Name of the project, for error texts. */
  project: string;
  projectId: string;
  sha?: string;
  target?: 'production' | 'preview';
  /** If true, returns only deployments to which the Vercel plan allows a rollback. */
  rollbackCandidate?: true;
  /** If true, reads only the newest 100 deployments. */
  newest?: true;
};
type NewDeployment = {
  project: string;
  projectId: string;
  /**
   * The id of the Plimsoll deploy. Vercel keeps this id in `meta.releaseId`, so Plimsoll can find
   * the deployment later.
   */
  releaseId: string;
  /** A commit of the linked repository, or the sources of an existing deployment. */
  from: { repoId: string | number; ref: string; sha: string } | { deployment: string };
};
type Move = { project: string; projectId: string; id: string };

/** Every call throws the failures that the comment on `createVercel` lists. */
export type DeploymentCalls = {
  /** Returns the deployments, newest first. A commit may have several deployments. */
  deployments(wanted: Wanted): Promise<ListedDeployment[]>;
  /** Returns the deployment, or null if it does not exist any more. */
  deployment(where: { project: string; id: string }): Promise<Deployment | null>;
  /**
   * Starts a production build and returns its id. Each call starts another build. So first search
   * for a deployment with this `releaseId`.
   */
  createDeployment(wanted: NewDeployment): Promise<string>;
  cancel(where: { project: string; id: string }): Promise<void>;
  /**
   * Starts a promotion. 'accepted' means that the promotion has started. 'conflict' means that the
   * deployment is live already, or that another job runs. After 'conflict', the caller must read
   * the project.
   */
  promote(move: Move): Promise<'accepted' | 'conflict'>;
  /**
   * Starts an instant rollback. Vercel keeps `note` (at most 200 characters) in the project.
   * 'not-on-plan' means that the Vercel plan has no instant rollback.
   */
  rollback(move: Move & { note: string }): Promise<'accepted' | 'conflict' | 'not-on-plan'>;
};

const at = encodeURIComponent;

/** `api`: the address of Vercel's API, or of a sandbox on this machine. */
export const createDeploymentCalls = (ask: Ask, api: string): DeploymentCalls => ({
  async deployments({ project, projectId, newest, ...filter }) {
    const what = `the deployments of ${project}`;
    const found = await allPages(async (until) => {
      const query = { projectId, ...filter, limit: 100, until };
      const asked = { method: 'GET', path: '/v7/deployments', query, what, project } as const;
      const page = await ask.json({ ...asked, effect: false }, DeploymentPage);
      return { items: page.deployments, next: newest ? null : page.pagination.next };
    });
    return found.toSorted((one, other) => other.createdAt - one.createdAt);
  },
  deployment({ project, id }) {
    const what = `the deployment ${id} of ${project}`;
    const asked = { method: 'GET', path: `/v13/deployments/${at(id)}`, what, project } as const;
    const shape = isLoopback(hostOfUrl(api)) ? LocalDeployment : Deployment;
    return ask.jsonOr({ ...asked, effect: false }, shape, [404]);
  },
  async createDeployment({ project, projectId, releaseId, from }) {
    const what = `a new deployment of ${project}`;
    const source =
      'deployment' in from
        ? { deploymentId: from.deployment }
        : { gitSource: { type: 'github', ...from } };
    const wanted = { name: project, project: projectId, target: 'production', ...source };
    const body = { ...wanted, meta: { releaseId } };
    // Without forceNew, Vercel may reuse an identical build that has old settings.
    const query = { forceNew: 1, skipAutoDetectionConfirmation: 1 };
    const asked = { method: 'POST', path: '/v13/deployments', query, body, what, project } as const;
    return (await ask.json({ ...asked, effect: true }, z.object({ id: z.string().min(1) }))).id;
  },
  async cancel({ project, id }) {
    const what = `cancelling the deployment ${id} of ${project}`;
    const path = `/v12/deployments/${at(id)}/cancel`;
    await ask.status({ method: 'PATCH', path, what, project, effect: true }, [200]);
  },
  async promote({ project, projectId, id }) {
    const what = `promoting ${id} in ${project}`;
    const path = `/v10/projects/${at(projectId)}/promote/${at(id)}`;
    const asked = { method: 'POST', path, body: {}, what, project, effect: true } as const;
    const status = await ask.status(asked, [201, 202, 409]);
    return status === 409 ? 'conflict' : 'accepted';
  },
  async rollback({ project, projectId, id, note }) {
    const what = `rolling ${project} back to ${id}`;
    const path = `/v1/projects/${at(projectId)}/rollback/${at(id)}`;
    const query = { description: note.slice(0, 200) };
    const asked = { method: 'POST', path, query, body: {}, what, project, effect: true } as const;
    const status = await ask.status(asked, [201, 402, 409]);
    return status === 402 ? 'not-on-plan' : status === 409 ? 'conflict' : 'accepted';
  },
});
