import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { DeploymentState } from '../../domain/contract/activities.ts';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { deployIdIn } from './deploy-id.ts';
import { named } from '../../domain/messages/github-refusal.ts';

type NewDeployment = {
  repository: string;
  sha: string;
  environment: string;
  production: boolean;
  /** Plimsoll's own fields. Plimsoll finds a deployment again by the `deployId` in its payload. */
  payload: { deployId: string; releaseId: string };
};
type NewStatus = { state: DeploymentState; description: string; logUrl: string | null };

/**
 * Reads and creates GitHub deployments. `id` is GitHub's id of a deployment. The methods throw the
 * failures that the type `GitHub` describes.
 */
export type Deployments = {
  findDeployment(wanted: NewDeployment): Promise<number | null>;
  createDeployment(wanted: NewDeployment): Promise<number>;
  /** Returns the newest state of the deployment, or null if it has no state yet. */
  deploymentState(repository: string, id: number): Promise<string | null>;
  setDeploymentState(repository: string, id: number, status: NewStatus): Promise<void>;
};

const Deployment = z.object({ id: z.number(), payload: z.unknown() });
const Status = z.object({ state: z.string() });
const perPage = 100;
const needs = named('deployments');

export function createDeploymentCalls(octokit: Octokit, ask: Ask): Deployments {
  const { repos } = octokit.rest;
  return {
    async findDeployment({ repository, sha, environment, payload }) {
      const what = `the deployments of ${repository}`;
      const options = { ...split(repository), sha, environment, per_page: perPage };
      const found = await ask({ what, repository, effect: false, needs }, () =>
        octokit.paginate(repos.listDeployments, options),
      );
      const all = parsed(z.array(Deployment), found, what);
      return all.find((one) => deployIdIn(one.payload) === payload.deployId)?.id ?? null;
    },
    async createDeployment({ repository, sha, environment, production, payload }) {
      const what = `a deployment of ${repository}`;
      // With `auto_merge`, GitHub may merge the default branch into `ref`, and then makes no
      // deployment.
      const plain = {
        auto_merge: false,
        required_contexts: [],
        production_environment: production,
      };
      const options = { ...split(repository), ref: sha, environment, payload, ...plain };
      const { data } = await ask({ what, repository, effect: true, needs }, () =>
        repos.createDeployment(options),
      );
      return parsed(Deployment, data, what).id;
    },
    async deploymentState(repository, id) {
      const what = `the statuses of a deployment of ${repository}`;
      const { data } = await ask({ what, repository, effect: false, needs }, () =>
        repos.listDeploymentStatuses({ ...split(repository), deployment_id: id, per_page: 1 }),
      );
      return parsed(z.array(Status), data, what)[0]?.state ?? null;
    },
    async setDeploymentState(repository, id, { state, description, logUrl }) {
      const what = `a deployment status of ${repository}`;
      const link = logUrl ? { log_url: logUrl } : {};
      const options = { ...split(repository), deployment_id: id, state, ...link };
      await ask({ what, repository, effect: true, needs }, () =>
        repos.createDeploymentStatus({ ...options, description: description.slice(0, 140) }),
      );
    },
  };
}
