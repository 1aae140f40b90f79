import type { GateReport, Plan, Ruling, SealedPlan, UserFlag } from '../plan.ts';
import type { Target } from './targets.ts';
import type { Look, SmokeReport, WatchVerdict } from './watch.ts';

export type Phase =
  | 'planning'
  | 'preflight'
  | 'approval'
  | 'release'
  | 'smoke'
  | 'watch'
  | 'ask'
  /** It failed, and going back needs a signature: production stays as it is until a person answers. */
  | 'frozen'
  | 'settle'
  | 'restore'
  | 'closed';

export type Outcome =
  | 'succeeded'
  | 'unproven'
  | 'gate-closed'
  | 'rejected'
  | 'expired'
  | 'aborted'
  | 'rolled-back'
  | 'restore-failed'
  /** It failed and is served as it is: nobody signed the way back. */
  | 'frozen';

/** A verified request for a slot that is held, and how its commit stands to the holder's. */
export type Claim = {
  deployId: string;
  ref: string;
  sha: string;
  requestedBy: string;
  reason: string;
  priority: Plan['priority'];
  nonce: string;
  /** Its requester knows that it replaces a commit which it does not contain. */
  supersede: boolean;
  relation: 'same' | 'newer' | 'older' | 'apart';
};

/** What a slot is held by when somebody else asks for it. */
export type Holder = Pick<Plan, 'sha' | 'priority'> & {
  phase: Phase;
  /** An effect may have reached production. */
  touched: boolean;
  /** Nobody is waited for any more. */
  approved: boolean;
};

/** What became of a request for this slot. */
export type RequestRuling = {
  verdict: 'replaces' | 'refused';
  why: string;
  /** As the request claims where it is not verified. */
  requestedBy: string;
  nonce: string;
  sha: string | null;
  at: string;
  /** Refused only because of the commits: --supersede would replace it. */
  mayInsist?: true;
};

export type Stuck = { step: string; cause: string; since: string };

/** Why the way back was taken; `blames` decides whether main is reverted and the release quarantined. */
export type Cause = {
  kind:
    | 'start-up'
    | 'smoke'
    | 'watch'
    | 'ask'
    | 'flag'
    | 'platform'
    | 'abort'
    | 'cancel'
    | 'rollback'
    /** The deploy itself was ended from outside: reconcile finished its way back. */
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
  /** First line of every screen: live now · waiting for · do this. */
  liveNow: string;
  waitingFor: string;
  doThis: string;
  sealed: SealedPlan | null;
  gates: GateReport[];
  rulings: Ruling[];
  smoke: SmokeReport | null;
  watch: WatchVerdict | null;
  /** The newest looks, oldest first, for the sparkline. */
  looks?: Look[];
  /** What people reported since it is live; the first of them began the 15 minutes. */
  flags?: UserFlag[];
  /** Who else asked for this slot, and what became of it; the newest 20. */
  requests?: RequestRuling[];
  /** Phases and stuck steps in order, the newest 60. */
  timeline?: Moment[];
  stuck: Stuck | null;
  cause: Cause | null;
  outcome: Outcome | null;
};

/** The workflow's result. */
export type DeployReport = {
  deployId: string;
  project: string;
  environment: string;
  platform: Target['platform'];
  sha: string | null;
  outcome: Outcome;
  reasons: string[];
  /** True once any effect reached production. */
  touched: boolean;
  /** The deploy that took this one's slot before it touched anything. */
  replacedBy?: Pick<Claim, 'deployId' | 'requestedBy' | 'sha'>;
};

/** `outcome` null: left alone, or still on its way back. */
export type ReconcileReport = {
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

/** What one look at a branch led to. `why` is for people. */
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
  /** Issues that were closed for what was taken back. */
  reopened?: number[];
  /** The pull request that a person must merge. */
  pull?: string;
  diagnosis: Diagnosis | null;
};

export type Diagnosis = {
  cause: 'port mismatch' | 'out of memory' | 'missing secret' | 'unknown';
  evidence: string[];
};
