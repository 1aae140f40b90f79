import { asyncLocalStorage } from '@temporalio/activity';
import type { Activities } from '../domain/activities.ts';
import { isProduction } from '../domain/policy/rule.ts';
import type { Deployments } from './github/deployments.ts';

type Deps = {
  github: Deployments | null;
  /** Temporal's Web UI; null = no link. */
  webUi: string | null;
};

/** GitHub's deployment of this deploy, found by our id in its payload, with its newest state set once. */
export const createDeployments = ({
  github,
  webUi,
}: Deps): Pick<Activities, 'recordDeployment'> => ({
  async recordDeployment({ plan, state, description }) {
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
  },
});

/** The page of the workflow that this activity belongs to. */
function logUrl(webUi: string | null): string | null {
  const info = asyncLocalStorage.getStore()?.info;
  if (!webUi || !info?.workflowExecution) return null;
  const { workflowId, runId } = info.workflowExecution;
  const path = ['namespaces', info.workflowNamespace ?? '', 'workflows', workflowId, runId];
  return `${webUi.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}/history`;
}
