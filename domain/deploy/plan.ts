import type { AuthorshipSource } from './authorship-source.ts';
import type { PlanBudget } from './budget.ts';
import type { FreezeWindow, Stop } from './holds.ts';
import type { HostState, Release, Target } from './targets.ts';
import type { CiJob } from './ci-job.ts';
import type { Warrant } from './warrant.ts';
import type { GateFlags, GateName } from '../gates/table.ts';
import type { Baseline, DependencyReport, SmokePaths, WatchPlan } from './watch-types.ts';

export type * from './available-actions.ts';
export type * from './holds.ts';
export type * from './status.ts';
export type * from './targets.ts';
export type * from './warrant.ts';
export type * from './watch-types.ts';

/**
 * Every duration of a deploy in milliseconds, already divided by the sandbox's time scale. Each
 * comment has the usual value in brackets.
 */
export type Timing = {
  /** Length of the watch (30 min). */
  windowMs: number;
  /** Interval between samples (10 s). */
  sampleMs: number;
  /** Interval after a failed sample (2 s). */
  hurriedSampleMs: number;
  /** Time after which a failed probe is repeated (1 s). */
  confirmMs: number;
  /** Length of a segment (5 min). One activity takes the samples of one segment. */
  segmentMs: number;
  /** Interval at which people are reminded of an open question (30 min). */
  remindMs: number;
  /** Time after which an unanswered question closes (2 h). */
  expireMs: number;
  /**
   * If the gate reports are older than this time when the last approval arrives, the gates run
   * again (30 min).
   */
  gateMaxAgeMs: number;
  /** Solo mode: the second confirmation must come at least this long after the first (15 min). */
  coolOffMs: number;
  /** A flagged release is rolled back after this time, unless a signed keep arrives (15 min). */
  flagMs: number;
  /** Time after which a deploy is rolled back because a forward step is stuck (2 h). */
  stuckGiveUpMs: number;
  /** Time after which a deploy closes because a step of its rollback is stuck (24 h). */
  rollbackGiveUpMs: number;
  /**
   * The time that a service may need to become healthy after its restart (60 s, or `startUp` of the
   * environment; never scaled).
   */
  startUpMs: number;
  /** While a rollback waits for a person, #incidents gets an update at this interval (15 min). */
  updateMs: number;
  /** Time from the last update to the dead man's switch message (25 min). */
  silentMs: number;
  /** Interval at which the dead man's switch message is postponed (10 min). */
  deadMansSwitchMs: number;
  /** The factor by which time is scaled; 1 in production. */
  scale: number;
};

/**
 * A merged pull request. `author` is the GitHub account that opened it; null = this account was
 * deleted.
 */
export type PullRequest = { number: number; title: string; author: string | null };

export type Commit = {
  /** The full SHA. */
  sha: string;
  /** The first line of the message, as the author wrote it. It proves nothing. */
  title: string;
  /** The pull request that added the commit, from GitHub's API. Absent = GitHub named none. */
  pull?: PullRequest;
  /** E-mail addresses of author, committer and co-authors, in lower case. */
  emails: string[];
};

/** The changed files of one kind, such as "tests". `names` lists the first of them. */
export type FilesOfKind = { kind: string; files: number; names: string[] };

export type RoleNeeded = { name: string; people: string[] };

export type ApprovalRule = {
  /** The smallest number of approvers that can be enough; 0 = no approval is needed. */
  required: number;
  /** The reasons for `required`. The command `plan` shows these reasons. */
  reasons: string[];
  eligible: string[];
  /**
   * Groups of approvers who are not enough by themselves: the requester, and the authors of each
   * deployed commit.
   */
  notAlone: string[][];
  /** For each role, at least one of `people` must approve; absent = no role is required. */
  roles?: RoleNeeded[];
  solo: 'off' | 'touch-key' | 'slack' | 'file-key';
  /**
   * The setting `slack.approvals.suffices`, which decides where a click counts. Absent = a click
   * never counts.
   */
  slack?: 'one' | 'all' | 'never';
};

/** A person's report about the release that is live now. */
export type UserFlag = { text: string; who: string; at: string };

export type Plan = GateFlags & {
  deployId: string;
  project: string;
  environment: string;
  ref: string;
  sha: string;
  requestedBy: string;
  reason: string;
  priority: 'normal' | 'P0';
  /**
   * The job of GitHub Actions that requested the deploy. Absent = the request did not come from
   * GitHub Actions.
   */
  ci?: CiJob;
  release: Release;
  target: Target;
  /** The state of every host when the plan was made. */
  live: HostState[];
  /** The rollback target. null only for a first deploy, which needs its own approval. */
  rollbackTarget: Release | null;
  /**
   * The reason why no rollback is possible once this commit is live; absent = a rollback is
   * possible.
   */
  noReturn?: string;
  /**
   * Schema migrations in this deploy that are not declared backward-compatible. With such
   * migrations, a rollback needs a signature. Absent = a rollback is automatic.
   */
  forwardOnly?: string;
  lastProven: Release | null;
  steps: string[];
  rollbackSteps: string[];
  commits: Commit[];
  /** The changed files since the live release, counted by kind. Absent = no file changed. */
  files?: FilesOfKind[];
  /** The page of GitHub that shows the changes since the live release. Absent = there is none. */
  compare?: string;
  /** The source that says who wrote the commits. */
  authorship: AuthorshipSource;
  /** The number of commits that did not fit into the memo. */
  commitsLeftOut: number;
  rule: ApprovalRule;
  smoke: SmokePaths;
  watch: WatchPlan;
  /** Errors and requests before the deploy. */
  baseline: Baseline | null;
  /**
   * Warnings that every approver must see, such as an unhealthy or unproven live release, or a
   * dependency that was down.
   */
  warnings?: string[];
  /**
   * The answers of the declared dependencies at plan time.
   */
  dependencies?: DependencyReport[];
  /** Sentences about the failures that the watch can and cannot detect with this traffic. */
  power: string[];
  recall: { lastOutcome: string | null; lastSha: string | null; openIncidents: string[] };
  timing: Timing;
  /** Slack channels for notes. null = Slack is not configured, and the plan says so. */
  slack: { deployments: string; incidents: string } | null;
  /**
   * The channels over which a person is paged: 'webhook', 'smtp'. Empty = nobody can be paged, and
   * the plan says so.
   */
  pages?: string[];
  github: string | null;
  branch: string;
  revert: 'push' | 'pull-request' | 'off';
  /** Paths of the repository that a revert covers; absent = the whole repository. */
  paths?: string[];
  /** true: a failure of this deploy may revert the branch. */
  ownsBranch: boolean;
  /** The cost of this deploy and the limits. Shown to people. Absent = no budget is configured. */
  budget?: PlanBudget;
  /** The environment in which this commit must have succeeded; absent = none is required. */
  after?: string;
  /**
   * Freeze windows that are in force or may begin before this deploy ends; absent = there are none.
   */
  freezeWindows?: FreezeWindow[];
  /** The stop of the line that was in force at plan time. Absent = the line was not stopped. */
  stopped?: Stop;
  /**
   * true: this deploy makes the previous release live again. Freeze windows and stops do not block
   * this deploy.
   */
  redeploysPrevious?: true;
  /**
   * true: this is the plan of a rollback after the deploy has closed. `release` is the live release
   * that is rolled back. Nothing is deployed.
   */
  late?: true;
  plannedAt: string;
  /** No decision counts after this ISO time. */
  notAfter: string;
  /** The seal of the worker that made the plan, over the whole plan and its workflow run. */
  seal?: string;
  /** What the activities of this deploy may do; absent before the plan is sealed with its gates. */
  warrant?: Warrant;
};

export type PlanOn<T extends Target> = Plan & { target: T };

export type { GateName };

export type GateReport = {
  gate: GateName;
  open: boolean;
  /** If the gate is closed: all reasons. If the gate is open: one line for each checked fact. */
  reasons: string[];
  /** Ids of findings that would close the gate, but were waived with a signature. */
  waivers?: string[];
  /** Every approver must read the first `loud` reasons. */
  loud?: number;
  checkedAt: string;
  /** The seal of the worker that made the check; absent = nobody checked, or no check is needed. */
  seal?: string;
};

/** The content of the memo: all data that `approve` and `status` need while no worker runs. */
export type SealedPlan = { plan: Plan; gates: GateReport[]; digest: string };

/** The memo of a large plan: the SealedPlan as JSON, compressed, in base64. */
export type PackedPlan = { packed: string };

export type Ruling = {
  verdict: 'counted' | 'void';
  decision: 'approve' | 'reject';
  approver: string;
  /**
   * The reason why the decision does not count. If the decision counts: a text such as "bob says
   * yes (ssh-ed25519)".
   */
  why: string;
  nonce: string;
  at: string;
  /** true: the signature proves that a person was present, such as the touch of a key. */
  touch: boolean;
  /** true: the signature is the approver's own, so its nonce is used up. */
  genuine?: boolean;
  /** 'slack': the approver clicked in Slack, and the Slack bridge signed the decision. */
  via?: 'slack';
};

/** The state of a question to the approvers. `why` describes the state in words. */
export type Standing = { open: boolean; why: string };

export const refOf = ({ deployId, project, environment, sha }: Plan) => ({
  deployId,
  project,
  environment,
  sha,
});
