import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { deployIdIn } from './deploy-id.ts';
import { named } from '../../domain/messages/github-refusal.ts';
import { withoutIt } from './without-it.ts';

/** One run of a workflow of GitHub Actions. */
export type WorkflowRun = {
  id: number;
  /** The id of the check suite of this run. */
  suite: number | null;
  /** The event that started the run, such as "push" or "deployment". */
  event: string;
  /** Path of the file of the workflow, such as ".github/workflows/ci.yml". */
  path: string;
};
/** A job of a run. `check` is the id of its check run. */
type Job = { check: number; name: string };
type Read<T> = { found: T[] } | { unavailable: string };

/**
 * Reads the workflow runs of GitHub Actions. `repository` is owner/name. `unavailable` is
 * GitHub's reason if the token may not read the runs, or if the run does not exist. The methods
 * throw the failures that the type `GitHub` describes.
 */
export type Runs = {
  runsOf(repository: string, sha: string): Promise<Read<WorkflowRun>>;
  /** Returns the jobs of every attempt of the run, for this commit. */
  jobsOf(repository: string, sha: string, run: string): Promise<Read<Job>>;
  /** Returns true if there are GitHub deployments of this commit, and Plimsoll made all of them. */
  hasOnlyOwnDeployments(repository: string, sha: string): Promise<boolean>;
};

const Run = z
  .object({
    id: z.number(),
    check_suite_id: z.number().nullish(),
    event: z.string(),
    path: z.string(),
  })
  .transform(({ id, check_suite_id, event, path }) => ({
    ...{ id, event, suite: check_suite_id ?? null },
    // A path may end with the ref of the workflow: ".github/workflows/ci.yml@main".
    path: path.replace(/@.*$/, ''),
  }));
const Job = z.object({ name: z.string(), head_sha: z.string(), check_run_url: z.string() });
const Deployment = z.object({ payload: z.unknown() });

const needs = named('actions');

export function createRuns(octokit: Octokit, ask: Ask): Runs {
  const { actions, repos } = octokit.rest;
  const orWhy = async <T>(read: () => Promise<T[]>): Promise<Read<T>> => {
    try {
      return { found: await read() };
    } catch (cause) {
      return { unavailable: withoutIt(cause) };
    }
  };
  return {
    async runsOf(repository, sha) {
      const what = `the workflow runs of ${repository} at ${sha.slice(0, 7)}`;
      return ask({ what, repository, effect: false, needs }, () =>
        orWhy(async () => {
          const options = { ...split(repository), head_sha: sha, per_page: 100 };
          const list = await octokit.paginate(actions.listWorkflowRunsForRepo, options);
          return parsed(z.array(Run), list, what);
        }),
      );
    },
    async jobsOf(repository, sha, run) {
      const what = `the jobs of run ${run} of ${repository}`;
      return ask({ what, repository, effect: false, needs }, () =>
        orWhy(async () => {
          const options = { ...split(repository), run_id: Number(run), per_page: 100 };
          const list = await octokit.paginate(actions.listJobsForWorkflowRun, {
            ...options,
            filter: 'all',
          });
          return parsed(z.array(Job), list, what)
            .filter(({ head_sha }) => head_sha === sha)
            .map(({ name, check_run_url }) => ({ name, check: idIn(check_run_url) }));
        }),
      );
    },
    async hasOnlyOwnDeployments(repository, sha) {
      const what = `the deployments of ${repository} at ${sha.slice(0, 7)}`;
      const asked = { what, repository, effect: false, needs: named('deployments') };
      const list = await ask(asked, () =>
        octokit.paginate(repos.listDeployments, { ...split(repository), sha, per_page: 100 }),
      );
      const all = parsed(z.array(Deployment), list, what);
      return all.length > 0 && all.every(({ payload }) => deployIdIn(payload) !== undefined);
    },
  };
}

/** Returns the id at the end of the address of a check run, or NaN. */
const idIn = (url: string) => Number(/\/check-runs\/(\d+)$/.exec(url)?.[1] ?? Number.NaN);
