import { asyncLocalStorage } from '@temporalio/activity';
import type { Activities } from '../../domain/contract/activities.ts';
import { isProduction } from '../../domain/approval/rule.ts';
import type { Deployments } from './deployments.ts';
import { effect } from '../lib/effect.ts';

type Deps = {
  github: Deployments | null;
  /** The address of Temporal's Web UI. null means that the GitHub deployment gets no link. */
  webUi: string | null;
};

/**
 * Makes the activity that records a deploy as a GitHub deployment. The activity finds the GitHub
 * deployment by the deploy id in the payload, or creates it. Then the activity sets the state, if
 * the newest state differs. The activity returns false if GitHub is not configured.
 */
export const createDeployments = ({
  github,
  webUi,
}: Deps): Pick<Activities, 'recordDeployment'> => ({
  recordDeployment: effect('recordDeployment', async ({ plan, state, description }) => {
    const { github: repository, sha, environment, deployId, release, project } = plan;
    if (!github || !repository) return false;
    const wanted = {
      repository,
      sha,
      environment: project === repository.split('/')[1] ? environment : `${project} ${environment}`,
      production: isProduction(environment),
      payload: { deployId, releaseId: release.id },
    };
    const id = (await github.findDeployment(wanted)) ?? (await github.createDeployment(wanted));
    if ((await github.deploymentState(repository, id)) === state) return true;
    const status = { state, description, logUrl: logUrl(webUi) };
    await github.setDeploymentState(repository, id, status);
    return true;
  }),
});

/**
 * Returns the address of the workflow of this activity in Temporal's Web UI. Returns null if the
 * Web UI is not configured, or outside of a workflow.
 */
function logUrl(webUi: string | null): string | null {
  const info = asyncLocalStorage.getStore()?.info;
  if (!webUi || !info?.workflowExecution) return null;
  const { workflowId, runId } = info.workflowExecution;
  const path = ['namespaces', info.workflowNamespace ?? '', 'workflows', workflowId, runId];
  return `${webUi.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}/history`;
}
