import type { Request } from './routes.ts';
import { minimalRepository, nodeId } from './shapes.ts';
import type { StoredRun } from './actions.ts';
import type { CheckRun, Schemas } from './state.ts';

/** Returns the id of the check suite of a workflow run. Each run has its own suite. */
export const suiteOfRun = (run: number) => 1_000_000 + run;

export const workflowRun = ({ site, name, state }: Request, run: StoredRun) => {
  const { id, sha, path, event, at } = run;
  const url = `${site.url}/repos/${name}/actions/runs/${id}`;
  const suite = suiteOfRun(id);
  const jobs = state.checkRuns.filter(({ check_suite }) => check_suite?.id === suite);
  const isOver = jobs.every(({ status }) => status === 'completed');
  const failed = jobs.some(({ conclusion }) => conclusion !== 'success');
  return {
    id,
    node_id: nodeId('WorkflowRun', id),
    name: path,
    head_branch: 'main',
    head_sha: sha,
    path,
    display_title: 'a run',
    run_number: id,
    run_attempt: 1,
    event,
    status: isOver ? 'completed' : 'in_progress',
    conclusion: isOver ? (failed ? 'failure' : 'success') : null,
    workflow_id: 1,
    check_suite_id: suite,
    check_suite_node_id: nodeId('CheckSuite', suite),
    url,
    html_url: `${site.url}/${name}/actions/runs/${id}`,
    pull_requests: [],
    created_at: at,
    updated_at: at,
    run_started_at: at,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${site.url}/repos/${name}/check-suites/${suite}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    workflow_url: `${site.url}/repos/${name}/actions/workflows/1`,
    head_commit: null,
    repository: minimalRepository(site, name),
    head_repository: minimalRepository(site, name),
  } satisfies Schemas['workflow-run'];
};

/** Returns a job of a run. At GitHub a job and its check run have the same id. */
export const jobOf = ({ site, name }: Request, run: StoredRun, check: CheckRun) =>
  ({
    id: check.id,
    run_id: run.id,
    run_url: `${site.url}/repos/${name}/actions/runs/${run.id}`,
    node_id: nodeId('Job', `${check.id}`),
    head_sha: run.sha,
    url: `${site.url}/repos/${name}/actions/jobs/${check.id}`,
    html_url: check.details_url,
    status: check.status as 'queued' | 'in_progress' | 'completed',
    conclusion: check.conclusion as Schemas['job']['conclusion'],
    created_at: run.at,
    started_at: run.at,
    completed_at: check.completed_at,
    name: check.name,
    check_run_url: check.url,
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'a runner',
    runner_group_id: 1,
    runner_group_name: 'a group',
    workflow_name: run.path,
    head_branch: 'main',
  }) satisfies Schemas['job'];
