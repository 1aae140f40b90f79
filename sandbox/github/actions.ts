import { notFound, ok, page, route } from './routes.ts';
import type { Request, Route, Site } from './routes.ts';
import type { RepositoryState } from './state.ts';
import { jobOf, suiteOfRun, workflowRun } from './workflow-run.ts';

export type ArtifactInput = { sha: string; name: string; zip: Buffer; expired?: boolean };
export type StoredArtifact = ArtifactInput & { id: number; run: number; at: string };

/** Stores an artifact and returns its id. Each artifact belongs to its own workflow run. */
export const storeArtifact = (
  { site, state }: { site: Site; state: RepositoryState },
  input: ArtifactInput,
) => {
  const stored = { ...input, id: site.nextId(), run: site.nextId(), at: site.now() };
  state.artifacts.push(stored);
  return stored.id;
};

const shape = ({ site, name }: Request, it: StoredArtifact) => {
  const url = `${site.url}/repos/${name}/actions/artifacts/${it.id}`;
  return {
    id: it.id,
    node_id: `A_${it.id}`,
    name: it.name,
    size_in_bytes: it.zip.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: it.expired ?? false,
    created_at: it.at,
    expires_at: it.at,
    updated_at: it.at,
    workflow_run: { id: it.run, head_sha: it.sha, head_branch: 'main' },
  };
};

export type RunInput = {
  /** The file of the workflow. Default: .github/workflows/ci.yml. */
  path?: string;
  /** The event that starts the run. Default: push. */
  event?: string;
};
export type StoredRun = { id: number; sha: string; path: string; event: string; at: string };

/**
 * Starts a run of a workflow for the commit and returns the id of the run. The run has no jobs yet.
 */
export const startRun = (
  { site, state }: { site: Site; state: RepositoryState },
  sha: string,
  { path = '.github/workflows/ci.yml', event = 'push' }: RunInput,
) => {
  const run = { id: site.nextId(), sha, path, event, at: site.now() };
  state.runs.push(run);
  return run.id;
};

/** Returns all runs, including the runs that stored an artifact. */
const everyRun = ({ state }: Request): StoredRun[] => [
  ...state.runs,
  ...state.artifacts.map(({ run, sha, at }) => ({
    ...{ id: run, sha, at },
    ...{ path: '.github/workflows/ci.yml', event: 'push' },
  })),
];

const runs = (request: Request) => {
  const sha = request.call.query.get('head_sha');
  const all = everyRun(request)
    .filter((it) => sha === null || it.sha === sha)
    .map((it) => workflowRun(request, it))
    .toReversed();
  const { items, headers } = page(request, all);
  return { ...ok({ total_count: all.length, workflow_runs: items }), headers };
};

/**
 * Lists the jobs of a run. Each job is a check run. With `filter=all`, the list also contains the
 * jobs of earlier attempts.
 */
const jobs = (request: Request) => {
  const run = everyRun(request).find(({ id }) => `${id}` === request.params.id);
  if (!run) return notFound();
  const ofRun = request.state.checkRuns.filter(
    ({ check_suite }) => check_suite?.id === suiteOfRun(run.id),
  );
  const isNewest = ({ name }: (typeof ofRun)[number], at: number) =>
    !ofRun.some((later, index) => index > at && later.name === name);
  const all = ofRun
    .filter((one, at) => request.call.query.get('filter') === 'all' || isNewest(one, at))
    .map((one) => jobOf(request, run, one));
  const { items, headers } = page(request, all);
  return { ...ok({ total_count: all.length, jobs: items }), headers };
};

const artifacts = (request: Request) => {
  const wanted = request.call.query.get('name');
  const all = request.state.artifacts
    .filter(({ run }) => `${run}` === request.params.id)
    .filter(({ name }) => wanted === null || name === wanted)
    .map((it) => shape(request, it));
  const { items, headers } = page(request, all);
  return { ...ok({ total_count: all.length, artifacts: items }), headers };
};

/**
 * Redirects to the address of the zip file, as GitHub does. This address is signed, so a request to
 * it needs no token.
 */
const sentOn = ({ site, state, params, name }: Request) => {
  const it = state.artifacts.find(({ id }) => `${id}` === params.id);
  if (!it) return notFound();
  if (it.expired) return { status: 410, body: { message: 'Artifact has expired' } };
  const path = `/repos/${name}/blobs/${it.id}`;
  return { status: 302, headers: { location: `${site.url}${path}?sig=${site.sign(path)}` } };
};

const blob = ({ state, params }: Request) => {
  const it = state.artifacts.find(({ id }) => `${id}` === params.id);
  return it
    ? { status: 200, headers: { 'content-type': 'application/zip' }, body: it.zip }
    : notFound();
};

const samples =
  (read: (request: Request) => ReturnType<typeof sentOn>): Route['answer'] =>
  (request) => ({ read: () => read(request) });

/** Under the fault `lying-status`, the list of workflow runs is empty. */
export const actionRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/actions/runs', (request) => ({
    read: () => runs(request),
    lie: () => ok({ total_count: 0, workflow_runs: [] }),
  })),
  route('GET /repos/{owner}/{repo}/actions/runs/{id}/jobs', samples(jobs)),
  route('GET /repos/{owner}/{repo}/actions/runs/{id}/artifacts', samples(artifacts)),
  route('GET /repos/{owner}/{repo}/actions/artifacts/{id}/zip', samples(sentOn)),
  route('GET /repos/{owner}/{repo}/blobs/{id}', samples(blob)),
];
