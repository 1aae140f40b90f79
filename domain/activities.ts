import type {
  AftermathReport,
  Baseline,
  Cause,
  DeployReport,
  Diagnosis,
  GateReport,
  HostState,
  Look,
  Outcome,
  Plan,
  Release,
  Ruling,
  SealedPlan,
  SmokeReport,
  Timing,
  VpsHost,
  VpsTarget,
  WatchPlan,
} from './plan.ts';
import type { SignedDecision, SignedRequest, SmokePaths } from './schema.ts';

/** Who a step belongs to. `deployId` + step is the idempotency key of every effect. */
export type DeployRef = { deployId: string; project: string; environment: string; sha: string };

export type HostStep = { deploy: DeployRef; target: VpsTarget; host: VpsHost; release: Release };

export type Entry = {
  seq: number;
  at: string;
  kind: EntryKind;
  key: string;
  deployId: string | null;
  project: string | null;
  environment: string | null;
  body: Record<string, unknown>;
  hash: string;
};
export type EntryKind =
  | 'started'
  | 'released'
  | 'ruling'
  | 'closed'
  | 'incident'
  | 'incident-closed'
  | 'quarantine'
  | 'lifted'
  | 'adopted'
  | 'revert';

export type ReadLedger = {
  project?: string;
  environment?: string;
  kinds?: EntryKind[];
  limit: number;
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
};

/** Facts and effects. The only contract between workflows/ and activities/. */
export interface Activities {
  /** Verify the request, resolve ref, live, way back, rule, frozen judge. Records `started`. Final: refused, misconfigured. */
  planDeploy(input: PlanInput): Promise<Plan>;
  /** SHA-256 over canonicalJson(digestSubject(plan, gates)), hex. */
  sealPlan(input: { plan: Plan; gates: GateReport[] }): Promise<SealedPlan>;

  checkTests(input: { plan: Plan }): Promise<GateReport>;
  checkSecrets(input: { plan: Plan }): Promise<GateReport>;
  checkPlatform(input: { plan: Plan }): Promise<GateReport>;

  /** Verify one signed decision against the worker's own approvers; record the ruling; same nonce = same ruling. */
  ruleOnDecision(input: {
    sealed: SealedPlan;
    signed: unknown;
    earlier: Ruling[];
    /** What is asked: to ship (or the first deploy) unless it is to keep an unproven release. */
    subject?: 'keep';
  }): Promise<Ruling>;
  /** Verified again right before the first production effect. Final: refused. */
  verifyApprovals(input: { sealed: SealedPlan; signed: SignedDecision[] }): Promise<void>;

  /** worktree of the SHA + prepare, without touching what is served. */
  stageRelease(input: HostStep): Promise<{ staged: 'done' | 'already' }>;
  /** Flip `current` to the release. `before` is the service's InvocationID, read first. */
  switchRelease(input: HostStep): Promise<{ switched: 'done' | 'already'; before: string | null }>;
  /** Restart and prove it by a changed InvocationID; a restart that happened is adopted. Final: unhealthyRelease. */
  restartService(
    input: HostStep & { before: string | null },
  ): Promise<{ restarted: 'done' | 'already'; invocationId: string }>;
  /** Healthy on the host and outside, heartbeat fresh, stays up, serves the SHA. Final: unhealthyRelease. */
  verifyHost(input: HostStep & { startUpMs: number }): Promise<HostState>;
  /** Absolute: make `release` live on this host, whatever is there; no network but the host. Proven by probing. */
  restoreHost(input: HostStep & { startUpMs: number }): Promise<HostState>;
  inspectHosts(input: { target: VpsTarget }): Promise<HostState[]>;
  /** Keep ≥ 5 releases, never live, last proven or restore target. */
  pruneReleases(input: HostStep & { keep: string[] }): Promise<{ removed: string[] }>;

  runSmoke(input: {
    deploy: DeployRef;
    target: VpsTarget;
    smoke: SmokePaths;
    timing: Timing;
  }): Promise<SmokeReport>;
  /** Looks until the segment ends or the judge crosses; `earlier` are the looks of the segments before. */
  takeLooks(input: WatchSegment): Promise<Look[]>;
  measureBaseline(input: { target: VpsTarget; accessLog: string | null }): Promise<Baseline | null>;

  append(input: Omit<Entry, 'seq' | 'at' | 'hash'>): Promise<void>;
  readLedger(input: ReadLedger): Promise<Entry[]>;

  /** Advisory: an outage of Slack never fails a deploy. Returns false when nothing could be said. */
  say(note: Note): Promise<boolean>;
  /** Direct message to every eligible approver with a Slack id. */
  askApprovers(input: { sealed: SealedPlan; reminder: boolean }): Promise<boolean>;
  closeIssues(input: { plan: Plan }): Promise<{ closed: number[] }>;

  revertMain(input: {
    plan: Plan;
    restored: Release;
    cause: Cause;
  }): Promise<{ sha: string | null; note: string }>;
  diagnose(input: { plan: Plan; cause: Cause }): Promise<Diagnosis>;
}

export type WatchSegment = {
  deploy: DeployRef;
  target: VpsTarget;
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
};
export type { AftermathReport, DeployReport };
