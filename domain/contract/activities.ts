import type { Effect, EffectOf, Plain } from './effect.ts';
import type {
  Baseline,
  Cause,
  Claim,
  DependencyReport,
  Diagnosis,
  GateReport,
  HostState,
  Sample,
  PackedPlan,
  ServedProof,
  Plan,
  Release,
  Ruling,
  SealedPlan,
  SmokePaths,
  SmokeReport,
  Standing,
  Target,
  Timing,
  PreviousReleaseReport,
  WatchPlan,
} from '../deploy/plan.ts';
import type { BudgetActivities } from './budget.ts';
import type { EntryKind, LedgerActivities } from './ledger.ts';
import type { CheckInput, CheckName, ReservingCheck } from '../gates/table.ts';
import type { PlatformActivities } from '../platforms/index.ts';
import type { DriftActivities } from './drift.ts';
import type { EndActivities } from './end.ts';
import type { DeployRef, Place } from '../deploy/place.ts';
import type { Warrant } from '../deploy/warrant.ts';
import type { SignedDecision, SignedRequest } from '../config/config.ts';

export type BranchSnapshot = {
  branch: string;
  /** SHA of the branch's newest commit; null = the branch does not exist. */
  head: string | null;
  /**
   * The kind of the ledger entry about this commit in this environment: 'started', 'adopted' or
   * 'revert'. null = the ledger has no such entry.
   */
  known: EntryKind | null;
  /**
   * Id of the newest deploy, if the ledger has no `closed` entry of this deploy; null = no deploy
   * is open.
   */
  open: string | null;
  /** The reason why nothing is deployed now; null or absent = the line is not stopped. */
  stopped?: string | null;
  /**
   * The reason why the open deploy already refused this commit; null = the open deploy did not
   * refuse this commit.
   */
  refused: string | null;
  /**
   * The reason in the newest notification about this commit. null = nobody was notified about this
   * commit.
   */
  notified: string | null;
  /** The facts about this commit that the gates need; null = the branch does not exist. */
  subject: GateSubject | null;
  after: string | null;
  /** Slack channel for a note that the commit waits; null = Slack is not configured. */
  channel: string | null;
};

/**
 * The part of a plan that the gates `tests` and `previous` read. These gates can be checked before
 * a plan exists.
 */
export type GateSubject = Pick<Plan, 'project' | 'sha' | 'github' | 'ci'> & {
  target: { repository: string };
};

/**
 * The input of `planDeploy`. `record: false` is for the read-only command `plimsoll plan`: nothing
 * is written, and the nonce may be used again. The request is signed for the namespace
 * `namespaces.plan`, so it never starts a deploy, and no step accepts the plan.
 */
export type PlanInput = { signed: SignedRequest; runId: string; record: boolean };

export type Note = {
  deploy: DeployRef;
  warrant?: Warrant | undefined;
  /** Each step has one message. Another note with the same step edits this message. */
  step: string;
  channel: string;
  text: string;
  /** true: edit the parent message; false: add a message to its thread. */
  parent: boolean;
  /**
   * Name of a person in plimsoll.yaml. If this person has a Slack id, the note mentions the person.
   */
  to?: string;
};

/**
 * A page: a message that must wake a person. `deploy` and `step` together identify the page. They
 * stay the same if the page is sent twice or over two channels.
 */
export type Page = {
  deploy: DeployRef;
  step: string;
  title: string;
  text: string;
  priority: 'high' | 'urgent';
};

/**
 * A message that Slack posts at `postAt` (epoch seconds). While the saga runs, it postpones the
 * message before that time.
 */
export type DeadMansSwitchMessage = {
  deploy: DeployRef;
  channel: string;
  text: string;
  postAt: number;
};

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

/** A deploy that has no `closed` entry, although its workflow no longer runs. */
export type LostDeploy = {
  deployId: string;
  project: string;
  environment: string;
  runId: string;
  sha: string;
  requestedBy: string;
  /** Text about the end of the workflow, such as "was terminated" or "has no history any more". */
  how: string;
  /** End of the workflow as ISO time; null = the history is gone. */
  closedAt: string | null;
  /** True if the deploy had begun its rollback; false also if this is not known. */
  rollingBack: boolean;
  /**
   * The plan with its warrant, as recorded right before the first effect. null = the deploy had no
   * effect.
   */
  plan: Plan | null;
};

/**
 * A workflow that held the lock of a place although it was not a deploy. Plimsoll ended this
 * workflow.
 */
export type FreedLock = Place & { runId: string; why: string };

/**
 * The activities of the gates. Each activity gathers the facts of one gate and returns the report
 * of this gate. Throws a transient failure if the facts cannot be read now.
 */
export type GateChecks = {
  [C in CheckName]: C extends ReservingCheck
    ? Effect<[input: CheckInput<C>], GateReport>
    : (input: CheckInput<C>) => Promise<GateReport>;
};

/** Every activity: the only contract between workflows/ and activities/. */
export interface Activities
  extends
    BudgetActivities,
    EndActivities,
    GateChecks,
    LedgerActivities,
    PlatformActivities,
    DriftActivities {
  /**
   * Verifies the request and makes the plan: commit, live release, rollback target, approval rule
   * and constants of the judge. Records `started`. Throws a final failure of type 'refused' if the
   * request is wrong, and of type 'misconfigured' if the configuration is wrong.
   */
  planDeploy: Effect<[input: PlanInput], Plan>;
  /**
   * Verifies the request and reads which commit is live on every host. Throws a final failure of
   * type 'refused' if the request is wrong or the release cannot be adopted. The type is
   * 'misconfigured' if the configuration is wrong.
   */
  planAdoption(input: { signed: SignedRequest }): Promise<Adoption>;
  /**
   * Verifies the request and plans a rollback after the deploy has closed. Records `started`. Throws
   * a final failure of type 'refused' if the request is wrong, or if production cannot be rolled back
   * to the requested commit.
   */
  planRollback: Effect<[input: { signed: SignedRequest; runId: string }], LateRollback>;
  /**
   * Verifies that an approver rejected the live release, and allows the rollback of this plan. Throws
   * a final failure of type 'refused' if no rejection counts now.
   */
  allowRollback(input: { sealed: SealedPlan; signed: SignedDecision[] }): Promise<SealedPlan>;
  /** Reads the live release, and every release to which the place can be rolled back now. */
  readReleases(input: ReleasesInput): Promise<ReleasesReport>;
  /**
   * Reads the newest commit of the remote branch, and the ledger entries about this commit in this
   * environment.
   */
  readBranch(input: Place): Promise<BranchSnapshot>;
  /**
   * Signs a request for this commit with the worker's own key. The requester is `requests.as` of
   * the configuration. Throws a final failure of type 'misconfigured' if `requests` is missing or
   * the key cannot sign.
   */
  signPush(input: Place & { sha: string }): Promise<SignedRequest>;
  /**
   * Verifies a request that came while another deploy (`holder`) holds the lock, and resolves the
   * commit of the request. Changes nothing. Throws a final failure of type 'refused' if the request
   * is wrong, and of type 'misconfigured' if the configuration is wrong.
   */
  weighRequest(input: { signed: unknown; holder: DeployRef }): Promise<Claim>;
  /**
   * Seals a plan. The digest is SHA-256 over canonicalJson(digestSubject(plan, gates)), in hex.
   * `memo` is the content of the memo if the sealed plan is too large for it.
   */
  sealPlan(input: { plan: Plan; gates: GateReport[] }): Promise<SealedPlan & { memo?: PackedPlan }>;

  /**
   * Verifies one signed decision against the worker's own approvers and records the ruling. If the
   * same run sends the same decision again, the activity returns the recorded ruling.
   */
  ruleOnDecision: Effect<
    [
      input: {
        sealed: SealedPlan;
        signed: unknown;
        earlier: Ruling[];
        /**
         * The open question. Absent: shall the plan be deployed? 'keep': shall the live release
         * stay? 'nothing': the question is closed.
         */
        subject?: 'keep' | 'nothing';
      },
    ],
    Ruling
  >;
  /**
   * Verifies the approvals again, right before the first effect in production, and records them.
   * Every forward effect reads this entry and verifies the approvals once more. Throws a final
   * failure of type 'refused' if the approvals are no longer enough. Throws a final failure of type
   * 'gateClosed' if the line is stopped or a freeze window prevents the deploy.
   */
  verifyApprovals: Effect<
    [
      input: {
        sealed: SealedPlan;
        signed: SignedDecision[];
        /**
         * Set if the release is already built. In this case the plan may be expired, and the deploy
         * needs less time before a freeze window.
         */
        built?: true;
      },
    ],
    void
  >;
  /**
   * Records that the rollback of a deploy begins. After this entry, every forward effect of the
   * deploy is refused. A rollback does not wait for the entry.
   */
  declareRollback: Effect<[input: { deploy: DeployRef; warrant?: Warrant | undefined }], void>;

  /** Reads the state of every host or service of the target. */
  inspectHosts(input: { target: Target; warrant?: Warrant | undefined }): Promise<HostState[]>;

  /**
   * Pushes the deploy's commit to the branch, unless the branch contains the commit. The push is
   * fast-forward and has a lease. Throws a final failure of type 'refused' if the branch has
   * commits that the deploy's commit does not contain. Throws a final failure of type
   * 'rejectedByPlatform' if the branch does not exist or the push is refused.
   */
  publishCommit: Effect<
    [
      input: {
        deploy: DeployRef;
        warrant?: Warrant | undefined;
        target: Target;
        branch: string;
      },
    ],
    { published: 'done' | 'already' }
  >;

  runSmoke(input: {
    deploy: DeployRef;
    warrant?: Warrant | undefined;
    target: Target;
    smoke: SmokePaths;
    timing: Timing;
  }): Promise<SmokeReport>;
  /**
   * Proves that customers get `release` after a rollback. Requests health, version and the critical
   * paths of every site over new connections, and reads which processes answer. Takes at most 2
   * minutes, and changes nothing. A site or host that fails causes no error: `problems` lists the
   * failures.
   */
  proveServed(input: {
    deploy: DeployRef;
    warrant?: Warrant | undefined;
    target: Target;
    /** The release that must be served. */
    release: Release;
    smoke: SmokePaths;
    timing: Timing;
  }): Promise<ServedProof>;
  /**
   * Takes samples until the segment ends or the judge decides. `earlier` has the samples of earlier
   * segments.
   */
  takeSamples(input: WatchSegment): Promise<Sample[]>;
  /**
   * Probes every address at most twice. All probes together take at most 1.5 s. A dependency is
   * down only if no probe succeeded.
   */
  probeDependencies(input: {
    dependencies: string[];
    warrant?: Warrant | undefined;
  }): Promise<DependencyReport[]>;
  /**
   * Probes every critical path of the live release and of the previous release. The result is empty
   * if the previous release has no address any more.
   */
  probePreviousRelease(input: {
    warrant?: Warrant | undefined;
    target: Target;
    rollbackTarget: Release;
    smoke: SmokePaths;
  }): Promise<PreviousReleaseReport[]>;
  measureBaseline(input: {
    target: Target;
    accessLog: string | null;
    warrant?: Warrant | undefined;
  }): Promise<Baseline | null>;

  /**
   * Posts or edits a note in Slack. An outage of Slack never fails a deploy. Returns false if Slack
   * is not configured.
   */
  notify: Effect<[note: Note], boolean>;
  /**
   * Sends a direct message to every eligible approver with a Slack id. `to`: only these people get
   * the message.
   */
  askApprovers: Effect<[input: { sealed: SealedPlan; reminder: boolean; to?: string[] }], boolean>;
  /**
   * Shows the decisions so far in every message that asked for approval. When the question is
   * closed, removes the buttons. Returns false if there is no such message.
   */
  showAnswers: Effect<
    [
      input: {
        sealed: SealedPlan;
        rulings: Ruling[];
        standing: Standing;
      },
    ],
    boolean
  >;
  closeIssues: Effect<[input: { plan: Plan }], { closed: number[] }>;
  /**
   * Pages a person over every configured channel. At least one channel must accept the page.
   * `reached` is empty if no channel is configured.
   */
  page: Effect<[page: Page], { reached: string[]; failed: string[] }>;
  /**
   * Schedules the dead man's switch message, then deletes the earlier message. An outage of Slack
   * never fails a deploy. Returns false if Slack is not configured.
   */
  setDeadMansSwitch: Effect<[input: DeadMansSwitchMessage], boolean>;
  /** Deletes every dead man's switch message of the deploy. */
  clearDeadMansSwitch: Effect<[input: Pick<DeadMansSwitchMessage, 'deploy' | 'channel'>], boolean>;
  /**
   * Finds or makes the GitHub deployment of this release, and sets its state. Returns false if
   * GitHub is not configured.
   */
  recordDeployment: Effect<
    [
      input: {
        plan: Plan;
        state: DeploymentState;
        description: string;
      },
    ],
    boolean
  >;
  /**
   * Finds lost deploys: their workflow has ended, but the ledger has no `closed` entry for them.
   * Never returns an open deploy. `deployId`: search only for this deploy.
   */
  findLost(input: { project?: string; deployId?: string }): Promise<LostDeploy[]>;
  /**
   * Ends workflows that hold the lock of a place but are not deploys. Never ends a run that the ledger
   * knows.
   */
  freeLocks: Effect<[input: { project?: string }], FreedLock[]>;

  /**
   * Reverts the branch. In the result, `sha` is the commit on the branch, and `pull` is a pull
   * request that a person must merge. Throws a final failure of type 'needsPerson' if there is a
   * conflict or the push is refused.
   */
  revertMain: Effect<[input: { plan: Plan; rolledBackTo: Release; cause: Cause }], Reverted>;
  /**
   * Reopens the issues that were closed for the rolled back commits. Adds one comment to each
   * issue.
   */
  reopenIssues: Effect<[input: { plan: Plan; rolledBackTo: Release }], { reopened: number[] }>;
  /**
   * Verifies one signed lift against the worker's own approvers. Records `lifted`, or the reason
   * why the lift does not count.
   */
  liftQuarantine: Effect<[input: LiftInput & { runId: string }], Ruling>;
  /**
   * Verifies one signed waiver against the worker's own approvers. Records `waived`, or the reason
   * why the waiver does not count.
   */
  waiveFinding: Effect<[input: WaiveInput & { runId: string }], Ruling>;
  /**
   * Verifies one signed stop against the worker's own approvers and requesters. Records `stopped`,
   * or the reason why the stop does not count.
   */
  stopLine: Effect<[input: StopInput & { runId: string }], Ruling>;
  /**
   * Verifies the signed end of the current stop against the worker's own approvers. Records
   * `resumed`, or the reason why the decision does not count.
   */
  resumeLine: Effect<[input: StopInput & { runId: string }], Ruling>;
  diagnose(input: { plan: Plan; cause: Cause }): Promise<Diagnosis>;
}

/** Every activity as a plain function, as workflows call it. */
export type PlainActivities = Plain<Activities>;
export type EffectName = EffectOf<Activities>;

export type Reverted = {
  sha: string | null;
  note: string;
  pull?: { number: number; url: string };
  /** true: the branch needs no revert, or has one already. */
  settled?: true;
};

/**
 * The facts to record about the live release, so that the first deploy can roll back to this
 * release.
 */
export type Adoption = {
  /** Absent only inside the worker, before the adoption is sealed. */
  warrant?: Warrant | undefined;
  /**
   * Key of the ledger entry. The key contains the nonce of the request, so each request can adopt
   * only once.
   */
  key: string;
  deploy: DeployRef;
  target: Target;
  release: Release;
  /** `path` is the directory of the live files; null = Plimsoll released the files. */
  hosts: { host: string; path: string | null }[];
  requestedBy: string;
  reason: string;
};

/** `memo` is the content of the memo if the sealed plan is too large for it. */
export type LateRollback = SealedPlan & { memo?: PackedPlan; cause: Cause };

/** `to`: the first digits of a commit; absent = the newest release that is possible. */
export type ReleasesInput = Place & { to?: string };

export type ReleasesReport = {
  live: { host: string; sha: string | null; healthy: boolean }[];
  /** The hosts that did not answer, each with the reason. */
  silent: { host: string; why: string }[];
  /** The releases to which the place can be rolled back now, newest proof first. */
  releases: { sha: string; provenAt: string; forwardOnly?: string }[];
  /** What a rollback would do now. `why` is for people. */
  next:
    | { kind: 'rollback'; from: string; to: string; forwardOnly?: string }
    | { kind: 'nothing' | 'impossible'; why: string };
};

/**
 * `signed` is a SignedDecision with the subject `lift`. Its digest covers the quarantine and the
 * `reason`.
 */
export type LiftInput = { signed: unknown; reason: string };

/**
 * `signed` is a SignedDecision with the subject `waive`. `until` is the last day of the waiver,
 * such as 2027-01-31.
 */
export type WaiveInput = { signed: unknown; finding: string; reason: string; until: string };

/**
 * `signed` is a SignedDecision with the subject `stop` or `resume`. For `resume`, `lift` is true
 * and the decision's deployId is the key of the stop. Both decisions are for all projects.
 */
export type StopInput = { signed: unknown; reason: string; lift?: true };

export type WatchSegment = {
  deploy: DeployRef;
  warrant?: Warrant | undefined;
  target: Target;
  smoke: SmokePaths;
  timing: Timing;
  watch: WatchPlan;
  baseline: Baseline | null;
  earlier: Sample[];
  /** Start of the watch, in epoch milliseconds. */
  startedAt: number;
  endsAt: number;
};

export type { EndedDeploy, SealedEnd } from './end.ts';
export type { DeployRef, Place } from '../deploy/place.ts';
export type {
  AnchorReport,
  Entry,
  EntryKind,
  LedgerChain,
  ReadLedger,
  RightRows,
  WrongRow,
} from './ledger.ts';
export type {
  DriftFinding,
  DriftReport,
  DriftVerdict,
  ServedCommit,
  ServedSnapshot,
  Shipped,
} from './drift.ts';
