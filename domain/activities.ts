import type {
  AftermathReport,
  Baseline,
  Cause,
  Claim,
  DependencyReport,
  DeployReport,
  Diagnosis,
  GateReport,
  HostState,
  Look,
  Moment,
  Outcome,
  Plan,
  Release,
  Ruling,
  SealedPlan,
  SmokeReport,
  Standing,
  Target,
  Timing,
  TwinReport,
  WatchPlan,
} from './plan.ts';
import type { BudgetActivities } from './activities/budget.ts';
import type { CloudflareActivities } from './activities/cloudflare.ts';
import type { HostActivities } from './activities/hosts.ts';
import type { EntryKind, LedgerActivities } from './activities/ledger.ts';
import type { NorthflankActivities } from './activities/northflank.ts';
import type { SentinelActivities } from './activities/sentinel.ts';
import type { VercelActivities } from './activities/vercel.ts';
import type { SignedDecision, SignedRequest, SmokePaths } from './schema.ts';

/** Who a step belongs to. `deployId` + step is the idempotency key of every effect. */
export type DeployRef = { deployId: string; project: string; environment: string; sha: string };

export type Place = { project: string; environment: string };

export type BranchLook = {
  branch: string;
  /** null = there is no such branch. */
  head: string | null;
  /** The kind of row that knows this commit here: it was tried, adopted, or is a revert of ours. */
  known: EntryKind | null;
  /** A deploy that the ledger saw begin and not end. */
  open: string | null;
  /** Why nothing ships anywhere now; null or absent = the line runs. */
  stopped?: string | null;
  /** The open deploy refused this commit already, and why. */
  refused: string | null;
  /** The newest reason for which this commit waits that people were told. */
  told: string | null;
  /** What the gates need to know of it. */
  subject: GateSubject | null;
  after: string | null;
  /** Where to say that it waits; null = Slack is not configured. */
  channel: string | null;
};

/** Of a plan, what the gates `tests` and `previous` look at: they may be asked before there is a plan. */
export type GateSubject = Pick<Plan, 'project' | 'sha' | 'github'> & {
  target: { repository: string };
};

/** `record: false` = the read-only `plan` command: nothing is written, a nonce may be used again. */
export type PlanInput = { signed: SignedRequest; runId: string; record: boolean };

export type Note = {
  deploy: DeployRef;
  /** One message per step; the same step again edits or adopts it. */
  step: string;
  channel: string;
  text: string;
  /** True: edit the parent message; false: a line in its thread. */
  parent: boolean;
  /** A person of plimsoll.yaml who is mentioned, where Slack knows them. */
  to?: string;
};

/** A call that must wake somebody; `deploy` + `step` is its key, carried by every message. */
export type Page = {
  deploy: DeployRef;
  step: string;
  title: string;
  text: string;
  priority: 'high' | 'urgent';
};

/** What Slack says by itself when the saga gives no sign of life until `postAt` (epoch seconds). */
export type SignOfLife = { deploy: DeployRef; channel: string; text: string; postAt: number };

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

/** A deploy without a `closed` row whose workflow does not run any more. */
export type LostDeploy = {
  deployId: string;
  project: string;
  environment: string;
  runId: string;
  sha: string;
  requestedBy: string;
  /** "was terminated", "has no history any more": for people. */
  how: string;
  /** ISO time; null = its history is gone. */
  closedAt: string | null;
  /** As it was recorded right before the first effect, commits left out; null = nothing was touched. */
  plan: Plan | null;
};

/** Facts and effects. The only contract between workflows/ and activities/. */
export interface Activities
  extends
    BudgetActivities,
    CloudflareActivities,
    HostActivities,
    LedgerActivities,
    NorthflankActivities,
    SentinelActivities,
    VercelActivities {
  /** Verify the request, resolve ref, live, way back, rule, frozen judge. Records `started`. Final: refused, misconfigured. */
  planDeploy(input: PlanInput): Promise<Plan>;
  /** Verify the request, find out which commit is live on every host. Final: refused, misconfigured. */
  planAdoption(input: { signed: SignedRequest }): Promise<Adoption>;
  /** Where the branch is at the remote, and what the ledger knows of that commit in this place. */
  lookAtBranch(input: Place): Promise<BranchLook>;
  /** A request for this commit, signed with the worker's own key as `requests.as`. Final misconfigured. */
  signPush(input: Place & { sha: string }): Promise<SignedRequest>;
  /** Verify a request for a slot that is held, resolve its commit. Changes nothing. Final: refused, misconfigured. */
  weighRequest(input: { signed: unknown; holder: DeployRef }): Promise<Claim>;
  /** SHA-256 over canonicalJson(digestSubject(plan, gates)), hex. */
  sealPlan(input: { plan: Plan; gates: GateReport[] }): Promise<SealedPlan>;

  checkTests(input: { plan: GateSubject }): Promise<GateReport>;
  checkSecrets(input: { plan: Plan }): Promise<GateReport>;
  checkAudit(input: { plan: Plan }): Promise<GateReport>;
  checkPlatform(input: { plan: Plan }): Promise<GateReport>;
  /** Money: `hold` = its cost is held until the deploy ends; false = only judged, for `plan`. */
  checkBudget(input: { plan: Plan; hold: boolean }): Promise<GateReport>;
  /** Whether this commit succeeded in the environment `after`, and nothing took it back since. */
  checkPrevious(input: { plan: GateSubject; after: string }): Promise<GateReport>;

  /** Verify one signed decision against the worker's own approvers; record the ruling; the same run gets the same ruling again. */
  ruleOnDecision(input: {
    sealed: SealedPlan;
    signed: unknown;
    earlier: Ruling[];
    /** What is asked: to ship (or the first deploy) unless it is to keep an unproven release, or nothing any more. */
    subject?: 'keep' | 'nothing';
  }): Promise<Ruling>;
  /** Verified again right before the first production effect. Final: refused, gateClosed (the line was stopped). */
  verifyApprovals(input: {
    sealed: SealedPlan;
    signed: SignedDecision[];
    /** Nothing but the release is left: its plan may be old by now, and less counts against a freeze. */
    built?: true;
  }): Promise<void>;

  /** What every place of the target serves now. */
  inspectHosts(input: { target: Target }): Promise<HostState[]>;

  /**
   * The commit of the deploy onto the branch, fast-forward and with a lease, unless the branch holds it. Final: the
   * branch went elsewhere, or may not be pushed to.
   */
  publishCommit(input: {
    deploy: DeployRef;
    target: Target;
    branch: string;
  }): Promise<{ published: 'done' | 'already' }>;

  runSmoke(input: {
    deploy: DeployRef;
    target: Target;
    smoke: SmokePaths;
    timing: Timing;
  }): Promise<SmokeReport>;
  /** Looks until the segment ends or the judge crosses; `earlier` are the looks of the segments before. */
  takeLooks(input: WatchSegment): Promise<Look[]>;
  /** Every address at most twice, all within 1.5 s: a dependency is down only if no question was answered well. */
  probeDependencies(input: { dependencies: string[] }): Promise<DependencyReport[]>;
  /** Every critical path at what is live and at the release before, where that is served still; else empty. */
  probeTwin(input: {
    target: Target;
    restoreTo: Release;
    smoke: SmokePaths;
  }): Promise<TwinReport[]>;
  measureBaseline(input: { target: Target; accessLog: string | null }): Promise<Baseline | null>;

  /** Advisory: an outage of Slack never fails a deploy. Returns false when nothing could be said. */
  say(note: Note): Promise<boolean>;
  /** Direct message to every eligible approver with a Slack id; `to` = only to these of them. */
  askApprovers(input: { sealed: SealedPlan; reminder: boolean; to?: string[] }): Promise<boolean>;
  /** Who decided, in every message that asked; the buttons go when it is not open any more. False = there is none. */
  showAnswers(input: {
    sealed: SealedPlan;
    rulings: Ruling[];
    standing: Standing;
  }): Promise<boolean>;
  closeIssues(input: { plan: Plan }): Promise<{ closed: number[] }>;
  /** Calls a person over every configured channel; at least one must take it. `reached` is empty where none is configured. */
  page(page: Page): Promise<{ reached: string[]; failed: string[] }>;
  /** Schedules the dead man's message, then deletes the one before. Advisory; false = Slack is not configured. */
  giveSignOfLife(input: SignOfLife): Promise<boolean>;
  /** Deletes every dead man's message of the deploy. */
  standDown(input: Pick<SignOfLife, 'deploy' | 'channel'>): Promise<boolean>;
  /** GitHub's deployment of this release, found or made, gets the state once. False = no GitHub. */
  recordDeployment(input: {
    plan: Plan;
    state: DeploymentState;
    description: string;
  }): Promise<boolean>;
  /** Deploys that ended without an end; never one that is open. */
  findLost(input: { project?: string }): Promise<LostDeploy[]>;

  /** `sha` is on the branch; `pull` waits for a person to merge it. Final needsPerson: a conflict, a refused push. */
  revertMain(input: { plan: Plan; restored: Release; cause: Cause }): Promise<Reverted>;
  /** Reopens the issues that were closed for what was taken back, each with one comment. */
  reopenIssues(input: { plan: Plan; restored: Release }): Promise<{ reopened: number[] }>;
  /** Verify one signed lift against the worker's own approvers; record `lifted`, or the void ruling. */
  liftQuarantine(input: LiftInput & { runId: string }): Promise<Ruling>;
  /** Verify one signed waiver against the worker's own approvers; record `waived`, or the void ruling. */
  waiveFinding(input: WaiveInput & { runId: string }): Promise<Ruling>;
  /** Verify one signed stop against the worker's own approvers and requesters; record `stopped`, or the void ruling. */
  stopLine(input: StopInput & { runId: string }): Promise<Ruling>;
  /** Verify the lift of the stop that stands against the worker's own approvers; record `resumed`, or the void ruling. */
  resumeLine(input: StopInput & { runId: string }): Promise<Ruling>;
  diagnose(input: { plan: Plan; cause: Cause }): Promise<Diagnosis>;
}

export type Reverted = {
  sha: string | null;
  note: string;
  pull?: { number: number; url: string };
  /** Nothing is left to do, though no commit of ours is on the branch. */
  settled?: true;
};

/** What is live before the first deploy, as the release that the first deploy goes back to. */
export type Adoption = {
  /** Key of the ledger's row: one request adopts once. */
  key: string;
  deploy: DeployRef;
  target: Target;
  release: Release;
  /** Where it lies, if not in a release of ours. */
  hosts: { host: string; path: string | null }[];
  requestedBy: string;
  reason: string;
};

/** `signed` is a SignedDecision whose subject is `lift`, over the digest of its `reason`. */
export type LiftInput = { signed: unknown; reason: string };

/** `signed` is a SignedDecision whose subject is `waive`; `until` the last day, as 2027-01-31. */
export type WaiveInput = { signed: unknown; finding: string; reason: string; until: string };

/**
 * `signed` is a SignedDecision whose subject is `stop`, or `resume` with the key of the stop as its deployId; both
 * name no project.
 */
export type StopInput = { signed: unknown; reason: string; lift?: true };

export type WatchSegment = {
  deploy: DeployRef;
  target: Target;
  smoke: SmokePaths;
  timing: Timing;
  watch: WatchPlan;
  baseline: Baseline | null;
  earlier: Look[];
  /** Epoch ms of the watch's start and of this segment's end. */
  startedAt: number;
  endsAt: number;
};

export type AftermathInput = {
  plan: Plan;
  restored: Release | null;
  cause: Cause;
  outcome: Outcome;
  timeline?: Moment[];
};
export type { HostStep, SeenProcess } from './activities/hosts.ts';
export type { Entry, EntryKind, LedgerChain, ReadLedger } from './activities/ledger.ts';
export type { AftermathReport, DeployReport };
export type { ServedCommit, ServedLook, Shipped } from './activities/sentinel.ts';
