import type { components } from '@octokit/openapi-types';

import type { StoredArtifact, StoredRun } from './actions.ts';
import { noAlerts } from './alerts.ts';
import type { AlertState } from './alerts.ts';
import { noRules } from './branch-rules.ts';
import type { RuleState } from './branch-rules.ts';

export type Schemas = components['schemas'];
export type CheckRun = Schemas['check-run'];
type StoredStatus = { sha: string; status: Schemas['simple-commit-status'] };
type StoredComment = { issue: number; comment: Schemas['issue-comment'] };
export type StoredDeployment = {
  deployment: Schemas['deployment'];
  statuses: Schemas['deployment-status'][];
};
export type StoredPull = {
  number: number;
  title: string;
  body: string | null;
  head: string;
  base: string;
  state: 'open' | 'closed';
  createdAt: string;
  /**
   * The SHAs of the commits of the pull request. If null, the commits are those between `base` and
   * `head` now.
   */
  commits: string[] | null;
  mergedAs: string | null;
  /** The login of the account that opened the pull request. */
  author: string;
};

/** A push to a branch. `ref` is the full name of the branch. */
export type StoredPush = {
  login: string;
  before: string;
  after: string;
  ref: string;
  kind: Schemas['activity']['activity_type'];
};

/**
 * The data that GitHub stores about one repository, without the git objects. Every list starts with
 * the oldest entry.
 */
export type RepositoryState = {
  checkRuns: CheckRun[];
  statuses: StoredStatus[];
  issues: Schemas['issue'][];
  comments: StoredComment[];
  deployments: StoredDeployment[];
  pulls: StoredPull[];
  alerts: AlertState;
  rules: RuleState;
  artifacts: StoredArtifact[];
  runs: StoredRun[];
  /** The pushes to all branches, oldest first. */
  pushes: StoredPush[];
  /**
   * Contains the account that GitHub shows for each commit. The keys are full SHAs. Without a
   * verified signature, GitHub finds the account by the email address in the commit.
   */
  accounts: Record<string, { login: string; verified: boolean }>;
  /** Numbers of the issues that were transferred to another repository. */
  movedIssues: number[];
};

export const emptyState = (): RepositoryState => ({
  checkRuns: [],
  statuses: [],
  issues: [],
  comments: [],
  deployments: [],
  pulls: [],
  alerts: noAlerts(),
  rules: noRules(),
  artifacts: [],
  runs: [],
  pushes: [],
  accounts: {},
  movedIssues: [],
});

/** Returns the next free number. Issues and pull requests share one sequence of numbers. */
export const nextNumber = ({ issues, pulls }: RepositoryState) =>
  Math.max(0, ...issues.map((i) => i.number), ...pulls.map((p) => p.number)) + 1;
