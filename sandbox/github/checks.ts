import type { operations } from '@octokit/openapi-types';
import { notFound, ok, page, problem, route } from './routes.ts';
import type { Request, Route, Site } from './routes.ts';
import { suiteOfRun } from './workflow-run.ts';
import { minimalRepository, nodeId, user } from './shapes.ts';
import type { CheckRun, RepositoryState, Schemas } from './state.ts';

export type CheckRunInput = {
  name: string;
  status: CheckRun['status'];
  /** Conclusion of a completed run. Default: success. Ignored if the run is not completed. */
  conclusion?: CheckRun['conclusion'];
  /** The id of the app that reports the run. Default: no app, or GitHub Actions if `run` is set. */
  app?: number;
  /** The id of the workflow run of GitHub Actions to which the job belongs. */
  run?: number;
};
export type StatusInput = {
  context: string;
  state: 'error' | 'failure' | 'pending' | 'success';
  description?: string;
};
type RunList = operations['checks/list-for-ref']['responses'][200]['content']['application/json'];
type Target = { site: Site; state: RepositoryState; name: string; sha: string };

const appOf = (site: Site, id: number): CheckRun['app'] => ({
  id,
  node_id: nodeId('App', id),
  slug: `app-${id}`,
  name: `App ${id}`,
  owner: user(site, `owner-of-${id}`),
  description: null,
  external_url: site.url,
  html_url: `${site.url}/apps/app-${id}`,
  created_at: site.now(),
  updated_at: site.now(),
  permissions: {},
  events: [],
});

/** The id of the app "GitHub Actions" at github.com. */
const actionsApp = 15_368;

/**
 * Returns the check suite of a check run. Each workflow run of GitHub Actions has its own suite.
 * Every other app has one suite for each commit.
 */
const suiteOf = ({ run, app }: CheckRunInput) =>
  run === undefined ? (app ?? 0) + 1 : suiteOfRun(run);

const jobUrl = (site: Site, name: string, { run, id }: { run: number; id: number }) =>
  `${site.url}/${name}/actions/runs/${run}/job/${id}`;

const newRun = ({ site, name, sha }: Target, input: CheckRunInput): CheckRun => {
  const id = site.nextId();
  const url = `${site.url}/repos/${name}/check-runs/${id}`;
  const appId = input.run === undefined ? input.app : actionsApp;
  return {
    id,
    head_sha: sha,
    node_id: nodeId('CheckRun', id),
    external_id: '',
    url,
    html_url: `${site.url}/${name}/runs/${id}`,
    details_url: input.run === undefined ? null : jobUrl(site, name, { run: input.run, id }),
    status: input.status,
    conclusion: null,
    started_at: site.now(),
    completed_at: null,
    output: {
      title: null,
      summary: null,
      text: null,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    name: input.name,
    check_suite: { id: suiteOf(input) },
    app: appId === undefined ? null : appOf(site, appId),
    pull_requests: [],
  };
};

/**
 * Updates the newest check run that has this name, is in this suite and has not ended. If every
 * check run with this name has ended, adds a new check run.
 */
export const setCheckRun = (target: Target, input: CheckRunInput) => {
  const { state, sha, site } = target;
  const open = state.checkRuns.findLast(
    (run) =>
      run.head_sha === sha &&
      run.name === input.name &&
      run.check_suite?.id === suiteOf(input) &&
      run.status !== 'completed',
  );
  const run = open ?? newRun(target, input);
  if (!open) state.checkRuns.push(run);
  const completed = input.status === 'completed';
  run.status = input.status;
  run.conclusion = completed ? (input.conclusion ?? 'success') : null;
  run.completed_at = completed ? site.now() : null;
  return run;
};

export const setStatus = ({ site, state, name, sha }: Target, input: StatusInput) => {
  const id = site.nextId();
  const status: Schemas['simple-commit-status'] = {
    id,
    node_id: nodeId('StatusContext', id),
    state: input.state,
    context: input.context,
    description: input.description ?? null,
    target_url: null,
    avatar_url: null,
    url: `${site.url}/repos/${name}/statuses/${sha}`,
    created_at: site.now(),
    updated_at: site.now(),
  };
  state.statuses.push({ sha, status });
  return status;
};

/**
 * Returns the SHA of the commit that `ref` names, or undefined if there is no commit. `ref` is a
 * branch, another ref or a short SHA.
 */
export const resolve = async ({ site, name }: Pick<Request, 'site' | 'name'>, ref: string) => {
  if (ref.startsWith('-')) return undefined;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  return await site.repositories.git(name, args).catch(() => undefined);
};
const noCommit = (ref: string) => problem(422, `No commit found for SHA: ${ref}`);

/**
 * Keeps the newest run of each name in each suite, as GitHub does. A run in one suite does not
 * replace a run in another suite.
 */
const latestOnly = (runs: CheckRun[]) =>
  runs.filter(
    (run, at) =>
      !runs.some(
        (later, i) =>
          i > at && later.name === run.name && later.check_suite?.id === run.check_suite?.id,
      ),
  );

const listRuns = (request: Request, sha: string, falsify: (run: CheckRun) => CheckRun) => {
  const { query } = request.call;
  const ofCommit = request.state.checkRuns.filter((run) => run.head_sha === sha);
  const wanted = (query.get('filter') === 'all' ? ofCommit : latestOnly(ofCommit))
    .map(falsify)
    .filter((run) => [null, run.name].includes(query.get('check_name')))
    .filter((run) => [null, run.status as string].includes(query.get('status')))
    .toReversed();
  const { items, headers } = page(request, wanted);
  const body: RunList = { total_count: wanted.length, check_runs: items };
  return { ...ok(body), headers };
};

const stillRunning = (run: CheckRun): CheckRun => ({
  ...run,
  status: 'in_progress',
  conclusion: null,
  completed_at: null,
});

const combinedState = (states: string[]) => {
  if (states.some((state) => state === 'error' || state === 'failure')) return 'failure';
  return states.length === 0 || states.includes('pending') ? 'pending' : 'success';
};

const combined = (request: Request, sha: string, lie: boolean) => {
  const { site, name, state } = request;
  const all = state.statuses.filter((stored) => stored.sha === sha).map(({ status }) => status);
  const latest = all
    .filter((status, at) => !all.some((later, i) => i > at && later.context === status.context))
    .map((status) => (lie ? { ...status, state: 'pending' } : status));
  const { items, headers } = page(request, latest);
  const url = `${site.url}/repos/${name}/commits/${sha}`;
  const body: Schemas['combined-commit-status'] = {
    state: combinedState(latest.map((status) => status.state)),
    statuses: items,
    sha,
    total_count: latest.length,
    repository: minimalRepository(site, name),
    commit_url: url,
    url: `${url}/status`,
  };
  return { ...ok(body), headers };
};

const ofCommit = (
  request: Request,
  answer: (sha: string, lie: boolean) => ReturnType<typeof listRuns>,
) => {
  const ref = request.params.ref ?? '';
  const read = async (lie: boolean) => {
    const sha = await resolve(request, ref);
    return sha ? answer(sha, lie) : noCommit(ref);
  };
  return { read: () => read(false), lie: () => read(true) };
};

/**
 * Under the fault `lying-status`, lists show every check run as in progress and every status as
 * pending.
 */
export const checkRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', (request) =>
    ofCommit(request, (sha, lie) => listRuns(request, sha, lie ? stillRunning : (run) => run)),
  ),
  route('GET /repos/{owner}/{repo}/commits/{ref}/status', (request) =>
    ofCommit(request, (sha, lie) => combined(request, sha, lie)),
  ),
  route('GET /repos/{owner}/{repo}/check-runs/{id}', ({ state, params }) => ({
    read: () => {
      const run = state.checkRuns.find(({ id }) => `${id}` === params.id);
      return run ? ok(run) : notFound();
    },
  })),
];
