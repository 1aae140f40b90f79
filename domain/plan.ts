import type { PlanBudget } from './budget.ts';
import type { HostState, Release, Target } from './plan/targets.ts';
import type { Baseline, DependencyReport, WatchPlan } from './plan/watch.ts';
import type { FreezeWindow } from './policy/freeze.ts';
import type { Stop } from './policy/stop.ts';
import type { SmokePaths } from './schema.ts';

export type * from './plan/exits.ts';
export type * from './plan/status.ts';
export type * from './plan/targets.ts';
export type * from './plan/watch.ts';

/** Every duration of a deploy, in milliseconds, already divided by the sandbox's time scale. */
export type Timing = {
  /** Error rates and probes are watched this long (30 min). */
  windowMs: number;
  /** One look (10 s), one look after a failed one (2 s), and the second opinion of a failed probe (1 s). */
  lookMs: number;
  hurriedLookMs: number;
  confirmMs: number;
  /** One activity takes the looks of one segment (5 min). */
  segmentMs: number;
  /** An unanswered approval or question is repeated (30 min) and closed (2 h). */
  remindMs: number;
  expireMs: number;
  /** Gates older than this when the last approval lands are run again (30 min). */
  gateMaxAgeMs: number;
  /** Solo mode: the second confirmation waits at least this long (15 min). */
  coolOffMs: number;
  /** A release that a person flagged goes back after this long without a signed keep (15 min). */
  flagMs: number;
  /** A stuck step calls again (30 min); a stuck forward step goes back by itself (2 h), a stuck way back closes (24 h). */
  stuckGiveUpMs: number;
  restoreGiveUpMs: number;
  /** How long a service may take to answer healthy after its restart (60 s, never scaled). */
  startUpMs: number;
  /** While people are waited for on the way back, #incidents hears of it this often (15 min). */
  updateMs: number;
  /** The dead man's message is due this long (25 min) after the last sign of life, given every 10 min. */
  silentMs: number;
  signOfLifeMs: number;
  scale: number;
};

export type Commit = {
  sha: string;
  title: string;
  /** The pull request that brought it, "Take cards (#12)", where its title does not tell. */
  pull?: string;
  /** Author, committer and co-authors, lower case. */
  emails: string[];
};

export type RoleNeeded = { name: string; people: string[] };

export type ApprovalRule = {
  /** 0 = automatic; else no fewer suffice, and some set of that many does. */
  required: number;
  /** Why that many: shown by `plan`. */
  reasons: string[];
  eligible: string[];
  /** Groups of approvers who do not suffice by themselves: the requester, and the authors of each shipped commit. */
  notAlone: string[][];
  /** Of each of these at least one of `people` must approve; absent = none. */
  roles?: RoleNeeded[];
  solo: 'off' | 'touch-key' | 'slack' | 'file-key';
  /** Where a click at Slack counts; absent = nowhere. */
  slack?: 'one' | 'all' | 'never';
};

/** What a person reported of the release that is live now. */
export type UserFlag = { text: string; who: string; at: string };

export type Plan = {
  deployId: string;
  project: string;
  environment: string;
  ref: string;
  sha: string;
  requestedBy: string;
  reason: string;
  priority: 'normal' | 'P0';
  release: Release;
  target: Target;
  /** What was live on every host when the plan was made. */
  live: HostState[];
  /** The way back; null only for a first deploy, which needs its own approval. */
  restoreTo: Release | null;
  /** Why nothing can go back once this commit is live; absent = it can. */
  noReturn?: string;
  /** Schema migrations that only a signed way back may cross; absent = it goes back by itself. */
  forwardOnly?: string;
  lastProven: Release | null;
  steps: string[];
  undo: string[];
  commits: Commit[];
  /** More commits than the memo can hold. */
  commitsLeftOut: number;
  rule: ApprovalRule;
  smoke: SmokePaths;
  watch: WatchPlan;
  /** Shown, not digested. */
  baseline: Baseline | null;
  /** What nobody may overlook: live was sick or unproven, a dependency was down. Shown, not digested. */
  warnings?: string[];
  /** How the declared dependencies answered when this was planned. Shown, not digested. */
  dependencies?: DependencyReport[];
  /** What the window can and cannot detect at this traffic, in sentences. */
  power: string[];
  recall: { lastOutcome: string | null; lastSha: string | null; openIncidents: string[] };
  timing: Timing;
  /** Slack: where the note goes; null = not configured, said loudly. */
  slack: { deployments: string; incidents: string } | null;
  /** How a person is called: 'webhook', 'smtp'. Empty = nobody can be called, said loudly. */
  pages?: string[];
  github: string | null;
  branch: string;
  revert: 'push' | 'pull-request' | 'off';
  /** What of the repository a revert takes back; absent = all of it. */
  paths?: string[];
  /** The environment whose releases are `main`: only its failures revert main. */
  ownsBranch: boolean;
  /** What it costs and may cost, shown; absent = no budget is configured. */
  budget?: PlanBudget;
  /** Its project configures a security audit: that gate is asked as well. */
  audit?: true;
  /** The environment in which this commit must have succeeded; absent = none. */
  after?: string;
  /** Those that this deploy could meet; absent = none. */
  freezes?: FreezeWindow[];
  /** Nothing new ships anywhere while this stands; absent = the line ran when this was planned. */
  stopped?: Stop;
  /** To what was live before what is live now: no freeze and no stop holds it. */
  goesBack?: true;
  plannedAt: string;
  /** No decision counts after this: ISO time. */
  notAfter: string;
};

export type PlanOn<T extends Target> = Plan & { target: T };

export type GateName =
  | 'tests'
  | 'secrets'
  | 'audit'
  | 'platform'
  | 'budget'
  | 'previous'
  | 'freeze'
  | 'stop';

export type GateReport = {
  gate: GateName;
  open: boolean;
  /** Closed: every reason. Open: what was seen, in one line each. */
  reasons: string[];
  /** Ids of findings that only a signed waiver keeps from closing it. */
  waivers?: string[];
  /** So many of its first reasons nobody may approve without having read them. */
  loud?: number;
  checkedAt: string;
};

/** What lies in the memo: everything that `approve` and `status` need with every worker down. */
export type SealedPlan = { plan: Plan; gates: GateReport[]; digest: string };

export type Ruling = {
  verdict: 'counted' | 'void';
  decision: 'approve' | 'reject';
  approver: string;
  /** Why it does not count, or under which rule it does. */
  why: string;
  nonce: string;
  at: string;
  /** A touch key, or any signature of a person present. */
  touch: boolean;
  /** True: the signature is the approver's own, so its nonce is used up. */
  genuine?: boolean;
  /** Not a signature of the approver: a click that the bridge saw. */
  via?: 'slack';
};

/** How a question to the approvers stands, in words. */
export type Standing = { open: boolean; why: string };

export const refOf = ({ deployId, project, environment, sha }: Plan) => ({
  deployId,
  project,
  environment,
  sha,
});
