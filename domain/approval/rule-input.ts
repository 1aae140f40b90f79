import type { ApprovalRule, Commit } from '../deploy/plan.ts';
import type { Human, Proof } from './authorship.ts';

export type RuleInput = {
  /** The name of the project. Only people with rights in this project may approve. */
  project: string;
  environment: string;
  /** The key `approvers:` of the environment. Absent = this key is not set. */
  override?: 0 | 1 | 2 | undefined;
  /** The commits of this deploy whose authors could be read. */
  commits: readonly Commit[];
  /** The number of further commits, whose authors are unknown. */
  unknownCommits: number;
  /** The makers of the commits. Absent = only the names in the commits are known. */
  proof?: Proof | undefined;
  approvers: Readonly<Record<string, Human>>;
  requesters: Readonly<Record<string, Human>>;
  requestedBy: string;
  bots: readonly string[];
  solo: ApprovalRule['solo'];
  /** The setting `slack.approvals.suffices`; absent = Slack approvals are off. */
  slack?: ApprovalRule['slack'];
  firstDeploy: boolean;
  /**
   * The reasons why this hotfix may begin during a freeze window or a stop. With a reason, the
   * deploy needs one more approver. Empty: there is no freeze window and no stop.
   */
  through?: readonly string[];
  /** true: no rollback is possible once the release is live. */
  noReturn?: boolean;
  /**
   * Name of the configured branch, if the branch does not contain this commit. null = the branch
   * contains this commit.
   */
  offBranch: string | null;
  /** Further demands for approvers. The highest `required` of all demands counts. */
  demands?: readonly Demand[];
};

/** A demand for approvers. `why` is the reason that people see. */
export type Demand = {
  required: 1 | 2;
  why: string;
  /** One of the approvers must have this role. */
  role?: string;
};

export type RuleDecision = { rule: ApprovalRule } | { impossible: string[] };
