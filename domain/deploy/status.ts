import type { GateReport, Plan, Ruling, SealedPlan, UserFlag } from './plan.ts';
import type { Target } from './targets.ts';
import type { Sample, ServedProof, SmokeReport, WatchVerdict } from './watch-types.ts';

export type Phase =
  | 'planning'
  | 'preflight'
  | 'approval'
  | 'release'
  | 'smoke'
  | 'watch'
  | 'decision'
  /**
   * The deploy failed, and the rollback needs a signature. Production stays as it is until a person
   * answers.
   */
  | 'awaiting-rollback-approval'
  | 'settle'
  | 'rollback'
  | 'closed';

export type Outcome =
  | 'succeeded'
  | 'unproven'
  | 'gate-closed'
  | 'rejected'
  | 'expired'
  | 'aborted'
  | 'rolled-back'
  /** Every host or service serves the rollback target, but the rollback target fails as well. */
  | 'rolled-back-still-failing'
  | 'rollback-failed'
  /** The release failed and is still live, because nobody signed the rollback. */
  | 'rollback-not-approved';

/**
 * A verified request that came while another deploy held the lock. `relation` compares the commit
 * of the request with the commit of that deploy. 'apart': neither of the two commits contains the
 * other.
 */
export type Claim = {
  deployId: string;
  ref: string;
  sha: string;
  requestedBy: string;
  reason: string;
  priority: Plan['priority'];
  nonce: string;
  /**
   * true: the requester accepts that the older deploy is replaced, even if the requested commit
   * does not contain the older deploy's commit.
   */
  supersede: boolean;
  relation: 'same' | 'newer' | 'older' | 'apart';
};

/** The deploy that holds the lock when another request arrives. */
export type Holder = Pick<Plan, 'sha' | 'priority'> & {
  phase: Phase;
  /** true: an effect may have reached production. */
  touched: boolean;
  /** true: the deploy no longer waits for an approval. */
  approved: boolean;
};

/** The result of a request that came while this deploy held the lock. */
export type RequestRuling = {
  verdict: 'replaces' | 'refused';
  why: string;
  /** The requester. If the request was not verified, nothing proves this name. */
  requestedBy: string;
  nonce: string;
  sha: string | null;
  at: string;
  /**
   * true: the request was refused only because the requested commit does not contain the waiting
   * commit. With --supersede, the request would replace the open deploy.
   */
  maySupersede?: true;
  /** true: the request was refused only because the waiting deploy already does the same. */
  alreadyWaits?: true;
};

export type Stuck = { step: string; cause: string; since: string };

/**
 * The reason why a deploy rolls back. `blames` decides two things: whether the branch is reverted,
 * and whether the release is quarantined.
 */
export type Cause = {
  kind:
    | 'start-up'
    | 'smoke'
    | 'watch'
    | 'inconclusive'
    | 'flag'
    | 'platform'
    | 'abort'
    | 'cancel'
    | 'rollback'
    /** The workflow has used half of its history, most often because of a flood of signals. */
    | 'flood'
    /** The deploy's workflow was terminated, and the workflow `recover` finished the rollback. */
    | 'terminated';
  blames: 'release' | 'platform' | 'person';
  detail: string;
};

/** One line of an incident's timeline; `at` is ISO time. */
export type Moment = { at: string; what: string };

export type DeployStatus = {
  deployId: string;
  project: string;
  environment: string;
  phase: Phase;
  since: string;
  /** The first line of every screen shows these three texts: live now, waiting for, do this. */
  liveNow: string;
  waitingFor: string;
  doThis: string;
  sealed: SealedPlan | null;
  gates: GateReport[];
  rulings: Ruling[];
  smoke: SmokeReport | null;
  watch: WatchVerdict | null;
  /** The proof of the rollback; absent = no proof has run yet. */
  proof?: ServedProof;
  /** The newest samples, oldest first, for the sparkline. */
  samples?: Sample[];
  /**
   * People's reports about the live release, oldest first. After the first report, the release is
   * rolled back unless a signed keep arrives in time.
   */
  flags?: UserFlag[];
  /** The results of other requests for the same project and environment. At most the newest 20. */
  requests?: RequestRuling[];
  /** Phases and stuck steps in order. At most the newest 60. */
  timeline?: Moment[];
  stuck: Stuck | null;
  cause: Cause | null;
  outcome: Outcome | null;
};

/** The result of the deploy workflow. */
export type DeployReport = {
  deployId: string;
  project: string;
  environment: string;
  platform: Target['platform'];
  sha: string | null;
  outcome: Outcome;
  reasons: string[];
  /** true: at least one effect has reached production. */
  touched: boolean;
  /** The deploy that took this deploy's lock before this deploy had an effect. */
  replacedBy?: Pick<Claim, 'deployId' | 'requestedBy' | 'sha'>;
};

/**
 * The result of `plimsoll reconcile`. `outcome` is null if the deploy could not be recovered, or if
 * its recovery is still running.
 */
export type ReconcileReport = {
  /** Workflows that held a lock, although they were not deploys. They were ended. */
  freed?: { project: string; environment: string; runId: string; why: string }[];
  deploys: {
    deployId: string;
    project: string;
    environment: string;
    sha: string;
    how: string;
    outcome: Outcome | null;
    detail: string;
  }[];
};

/** The result of one check of a branch. `why` is for people. */
export type PollReport = {
  head: string | null;
  did: 'nothing' | 'waits' | 'started' | 'asked';
  why: string;
};

export type AftermathReport = {
  deployId: string;
  incident: string | null;
  revertSha: string | null;
  revertNote: string;
  quarantined: boolean;
  /** Issues that were reopened, because their commits were rolled back. */
  reopened?: number[];
  /** The pull request that a person must merge. */
  pull?: string;
  diagnosis: Diagnosis | null;
};

export type Diagnosis = {
  cause: 'port mismatch' | 'out of memory' | 'missing secret' | 'unknown';
  evidence: string[];
};
