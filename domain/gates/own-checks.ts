import type { CiJob } from '../deploy/ci-job.ts';

export type WorkflowRun = { id: number; suite: number | null; event: string; path: string };

/** The facts that identify the checks of the deploy itself. */
export type OwnFacts = {
  /** Absent: no job of GitHub Actions requested the deploy. */
  ci?: CiJob;
  /** The jobs that may request deploys, from plimsoll.yaml: the key of the job, and its check. */
  deployJobs: Record<string, string>;
  /** The jobs of the run in `ci`. `check` is the id of the check run of the job. */
  jobs: { check: number; name: string }[];
  /** Names of the checks with which the platform reports its builds of this project. */
  platformChecks: string[];
  /** The workflow runs of the commit. Empty if the gate does not need them. */
  runs: WorkflowRun[];
  /** true: there are GitHub deployments of the commit, and Plimsoll made all of them. */
  onlyOwnDeployments: boolean;
  /** Why jobs or runs could not be read, in GitHub's words. */
  unavailable: string[];
};

export const noOwnFacts: OwnFacts = {
  deployJobs: {},
  jobs: [],
  platformChecks: [],
  runs: [],
  onlyOwnDeployments: false,
  unavailable: [],
};

type CheckRun = { id?: number; name: string; suite?: number };

/** Returns true if the check is the job that requested the deploy. Run, job and name must match. */
export function isOwnJob({ ci, deployJobs, jobs }: OwnFacts, { id, name }: CheckRun): boolean {
  if (!ci || !Object.hasOwn(deployJobs, ci.job) || deployJobs[ci.job] !== name) return false;
  return jobs.some((job) => job.check === id && job.name === name);
}

/** Returns true if the check is a job of the run that requested the deploy. */
export const isOfOwnRun = ({ jobs }: OwnFacts, { id }: CheckRun): boolean =>
  jobs.some(({ check }) => check === id);

const deploymentEvents = new Set(['deployment', 'deployment_status']);

export const isDeploymentRun = ({ event }: WorkflowRun) => deploymentEvents.has(event);

/**
 * Returns the reason why a check run belongs to the deploy itself; null: the check run is
 * independent. A check of the deploy proves nothing about the commit, because the check waits for
 * the deploy or the deploy started the check.
 */
export function belonging(own: OwnFacts, check: CheckRun): string | null {
  if (isOwnJob(own, check)) return `the job that requested this deploy, in run ${own.ci?.run}`;
  const run = own.runs.find(({ suite }) => suite !== null && suite === check.suite);
  if (run && isDeploymentRun(run) && own.onlyOwnDeployments)
    return 'started by a GitHub deployment that Plimsoll made';
  return belongingStatus(own, check.name);
}

/**
 * Returns the reason why a commit status belongs to the deploy itself; null: the commit status is
 * independent.
 */
export const belongingStatus = (own: OwnFacts, name: string): string | null =>
  own.platformChecks.includes(name) ? "the platform's build of this commit" : null;
