import type { StoredArtifact } from './actions.ts';
import type { Request } from './routes.ts';
import { minimalRepository, nodeId } from './shapes.ts';
import type { Schemas } from './state.ts';

/** Returns the workflow run that made an artifact, with every field that GitHub documents. */
export const workflowRun = (
  { site, name }: Request,
  it: StoredArtifact,
): Schemas['workflow-run'] => {
  const api = `${site.url}/repos/${name}`;
  const url = `${api}/actions/runs/${it.run}`;
  const repository = minimalRepository(site, name);
  return {
    id: it.run,
    node_id: nodeId('WorkflowRun', it.run),
    name: 'test',
    display_title: 'test',
    path: '.github/workflows/test.yml',
    event: 'push',
    status: 'completed',
    conclusion: 'success',
    workflow_id: 1,
    run_number: 1,
    head_branch: 'main',
    head_sha: it.sha,
    head_commit: null,
    pull_requests: [],
    created_at: it.at,
    updated_at: it.at,
    url,
    html_url: `${site.url}/${name}/actions/runs/${it.run}`,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    check_suite_url: `${api}/check-suites/${it.run}`,
    workflow_url: `${api}/actions/workflows/1`,
    repository,
    head_repository: repository,
  };
};
