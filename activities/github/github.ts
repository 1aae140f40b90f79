import type { Octokit } from '@octokit/rest';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { Access } from './access.ts';
import { createAlerts } from './alerts.ts';
import type { Alerts } from './alerts.ts';
import { createArtifacts } from './artifacts.ts';
import type { Artifacts } from './artifacts.ts';
import { createBranchRules } from './branch-rules.ts';
import type { BranchRuleCalls } from './branch-rules.ts';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { createDeploymentCalls } from './deployments.ts';
import type { Deployments } from './deployments.ts';
import { githubFailure } from './failure.ts';
import type { Asked } from './failure.ts';
import { octokitFor } from './octokit.ts';
import { named } from '../../domain/messages/github-refusal.ts';
import { createAuthors } from './authors.ts';
import type { Authors } from './authors.ts';
import { createPulls } from './pulls.ts';
import type { Pulls } from './pulls.ts';
import { createRuns } from './runs.ts';
import type { Runs } from './runs.ts';

type CheckRunFact = {
  /** GitHub's id of the run. A newer run of the same check has a higher id. */
  id: number;
  name: string;
  status: string;
  conclusion: string | null;
  /** The id of the app that reported the check. */
  appId?: number;
  /** The id of the check suite. Each run of a workflow of GitHub Actions has its own suite. */
  suite?: number;
};
type StatusFact = { context: string; state: string };
export type IssueFact = {
  number: number;
  state: string;
  isPullRequest: boolean;
  /** The reason why the issue is closed: completed, not_planned or duplicate. */
  reason?: string | null;
};

/**
 * Calls to GitHub. `repository` is owner/name. If a call fails, it throws a transient failure or a
 * final failure of type 'misconfigured'. A call that changes something may also throw a failure of
 * type 'unknownOutcome'.
 */
export type GitHub = {
  /**
   * Returns the runs of every check and the newest status of every context, for this commit. GitHub
   * leaves out old runs of a check in the same suite.
   */
  checksOf(
    repository: string,
    sha: string,
  ): Promise<{ checkRuns: CheckRunFact[]; statuses: StatusFact[] }>;
  /** Returns null if the issue does not exist. */
  issue(repository: string, number: number): Promise<IssueFact | null>;
  hasComment(repository: string, number: number, marker: string): Promise<boolean>;
  comment(repository: string, number: number, body: string): Promise<void>;
  closeIssue(repository: string, number: number): Promise<void>;
  reopenIssue(repository: string, number: number): Promise<void>;
} & Reads;
type Reads = Authors & Pulls & Alerts & BranchRuleCalls & Artifacts & Runs;

const Run = z
  .object({
    id: z.number(),
    name: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
    app: z.object({ id: z.number() }).nullish(),
    check_suite: z.object({ id: z.number() }).nullish(),
  })
  .transform(({ app, check_suite, ...run }): CheckRunFact => ({
    ...run,
    ...(app ? { appId: app.id } : {}),
    ...(check_suite ? { suite: check_suite.id } : {}),
  }));
const Combined = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string() })),
});
const Issue = z.object({
  number: z.number(),
  state: z.string(),
  state_reason: z.string().nullish(),
  pull_request: z.unknown().optional(),
});
const Comment = z.object({ body: z.string().nullish() });

const perPage = 100;

type Deps = Access & { api: string; variable: string };

/**
 * Makes the calls to GitHub, without Octokit's own retries. `variable` is the name of the
 * environment variable that contains the token, or the private key of the GitHub App. Error
 * messages contain this name.
 */
export function createGitHub({ api, variable, ...access }: Deps): GitHub & Deployments {
  const octokit = octokitFor(api, access);
  const ask = async <T>(asked: Asked, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (cause) {
      if (cause instanceof ApplicationFailure) throw cause;
      throw githubFailure(cause, asked, variable);
    }
  };
  const own = { ...checks(octokit, ask), ...issues(octokit, ask) };
  const gates = { ...createAlerts(octokit, ask), ...createArtifacts(octokit, ask) };
  const rules = { ...createBranchRules(octokit, ask), ...createRuns(octokit, ask) };
  const people = { ...createPulls(octokit, ask), ...createAuthors(octokit, ask) };
  const records = { ...people, ...createDeploymentCalls(octokit, ask) };
  return { ...own, ...gates, ...rules, ...records };
}

function checks(octokit: Octokit, ask: Ask): Pick<GitHub, 'checksOf'> {
  const runs = async (repository: string, sha: string, what: string) => {
    const { listForRef } = octokit.rest.checks;
    const options = {
      ...split(repository),
      ref: sha,
      filter: 'latest',
      per_page: perPage,
    } as const;
    return parsed(z.array(Run), await octokit.paginate(listForRef, options), what);
  };
  const statuses = async (repository: string, sha: string, what: string) => {
    const found: StatusFact[] = [];
    for (let page = 1; ; page += 1) {
      const options = { ...split(repository), ref: sha, per_page: perPage, page };
      const { data } = await octokit.rest.repos.getCombinedStatusForRef(options);
      const answer = parsed(Combined, data, what).statuses;
      found.push(...answer);
      if (answer.length < perPage) return found;
    }
  };
  return {
    async checksOf(repository, sha) {
      const what = `the checks of ${repository} at ${sha.slice(0, 7)}`;
      const needs = named('checks', 'statuses');
      return ask({ what, repository, effect: false, needs }, async () => ({
        checkRuns: await runs(repository, sha, what),
        statuses: await statuses(repository, sha, what),
      }));
    },
  };
}

type Change =
  | { what: string; state: 'closed'; state_reason: 'completed' }
  | { what: string; state: 'open'; state_reason: 'reopened' };

function issues(octokit: Octokit, ask: Ask): Omit<GitHub, 'checksOf' | keyof Reads> {
  const at = (repository: string, number: number) => ({
    ...split(repository),
    issue_number: number,
  });
  const update = (repository: string, number: number, { what, ...change }: Change) =>
    ask({ what, repository, effect: true, needs: named('issues') }, () =>
      octokit.rest.issues.update({ ...at(repository, number), ...change }),
    );
  return {
    async issue(repository, number) {
      const what = `issue ${repository}#${number}`;
      return ask({ what, repository, effect: false, needs: named('issues') }, async () => {
        const answer = await octokit.rest.issues.get(at(repository, number)).catch(absent);
        if (!answer) return null;
        const { state, pull_request, state_reason } = parsed(Issue, answer.data, what);
        const isPullRequest = pull_request !== undefined;
        return { number, state, isPullRequest, reason: state_reason ?? null };
      });
    },
    async hasComment(repository, number, marker) {
      const what = `the comments of ${repository}#${number}`;
      return ask({ what, repository, effect: false, needs: named('issues') }, async () => {
        const options = { ...at(repository, number), per_page: perPage };
        const list = await octokit.paginate(octokit.rest.issues.listComments, options);
        return parsed(z.array(Comment), list, what).some(({ body }) => body?.includes(marker));
      });
    },
    async comment(repository, number, body) {
      const what = `a comment on ${repository}#${number}`;
      await ask({ what, repository, effect: true, needs: named('issues') }, () =>
        octokit.rest.issues.createComment({ ...at(repository, number), body }),
      );
    },
    async closeIssue(repository, number) {
      const what = `closing ${repository}#${number}`;
      await update(repository, number, { what, state: 'closed', state_reason: 'completed' });
    },
    async reopenIssue(repository, number) {
      const what = `reopening ${repository}#${number}`;
      await update(repository, number, { what, state: 'open', state_reason: 'reopened' });
    },
  };
}

/**
 * Returns null if the issue does not exist (404), was deleted (410) or was moved to another
 * repository (301).
 */
function absent(cause: { status?: number }): null {
  if (cause.status === 404 || cause.status === 410 || cause.status === 301) return null;
  throw cause;
}
