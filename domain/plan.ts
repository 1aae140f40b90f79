import type { FreezeWindow } from './policy/freeze.ts';
import type { SmokePaths } from './schema.ts';

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

export type VpsHost = {
  /** Shown to people and used as key: user@host:port. */
  name: string;
  user: string;
  host: string;
  port: number;
  hostKey: string;
  url: string;
  /** Only where this host differs from the target. */
  directory?: string;
  health?: string;
};

/** `file` below the release, `project` as docker compose -p, `tag` the variable in the image's name. */
export type Compose = { file: string; project: string; tag: string };

/** Frozen in the digest: what was approved is what is done, whatever the configuration says later. */
export type VpsTarget = {
  platform: 'vps';
  hosts: VpsHost[];
  identity: string | null;
  directory: string;
  /** The systemd unit, the container, or the service of the compose file: what `run` restarts. */
  service: string;
  /** Absent = systemd. */
  run?: 'docker' | 'compose';
  compose?: Compose;
  /** Absent = releases/<sha> and the link `current`. */
  checkout?: 'in-place';
  /** Megabytes that must be free below the directory; absent = 500. */
  minimumFreeMb?: number;
  sudo: boolean;
  repository: string;
  prepare: string | null;
  prepareMs: number;
  health: string;
  version: string | null;
  heartbeat: string | null;
  environmentFile: string | null;
  requiredVariables: string[];
};
/** One service at Northflank that runs the builds of a commit. */
export type NorthflankTarget = {
  platform: 'northflank';
  /** Ids, as they stand in the address of the service's page. */
  project: string;
  service: string;
  team?: string;
  api: string;
  /** `env:NAME`: resolved inside the worker. */
  token: string;
  repository: string;
  url: string;
  /** Inside the container: traffic and the readiness probe go there. */
  port: number;
  /** Paths of `url`. */
  health: string;
  version: string | null;
  requiredVariables: string[];
};
/** One project at Vercel: what its production domain serves is one of its deployments. */
export type VercelTarget = {
  platform: 'vercel';
  /** Its name, or prj_… */
  project: string;
  /** team_… or its slug; null = the token's own account. */
  team: string | null;
  /** `env:NAME` both: resolved inside the worker. */
  token: string;
  bypass: string | null;
  api: string;
  repository: string;
  /** What Vercel builds production from. */
  branch: string;
  /** A production domain of the project. */
  url: string;
  /** Paths of `url`, and of every deployment's own address. */
  health: string;
  version: string | null;
  requiredVariables: string[];
};
/** One Worker at Cloudflare: what it serves is one of its versions, or two for a while. */
export type CloudflareTarget = {
  platform: 'cloudflare';
  account: string;
  worker: string;
  /** Of the repository, with wrangler's configuration; '' = its root. */
  directory: string;
  /** wrangler's --env. */
  env: string | null;
  rollout: 'all-at-once' | 'gradual';
  /** `env:NAME`: resolved inside the worker. */
  token: string;
  api: string;
  repository: string;
  url: string;
  /** With {version} for the first 8 digits of a version's id; null = the workers.dev of the account. */
  preview: string | null;
  /** Paths of `url`, and of every version's own address. */
  health: string;
  version: string | null;
  /** npm's settings on the worker's machine, for `npm ci`. */
  npmrc?: string;
  requiredVariables: string[];
};
export type Target = VpsTarget | NorthflankTarget | VercelTarget | CloudflareTarget;
export type Platform = Target['platform'];
export type TargetOf<P extends Platform> = Extract<Target, { platform: P }>;
/** Where people and probes reach a release: a name, and the origin that is asked. */
export type Site = { name: string; url: string };

/** What one place serves: on a host the release its `current` points at, and what the running process was started from. */
export type HostState = {
  host: string;
  /** Full SHA of the release that `current` names; null before the first. */
  sha: string | null;
  /** SHA of the directory the main process runs in; null where it cannot be read or nothing runs. */
  runningSha: string | null;
  invocationId: string | null;
  active: boolean;
  healthy: boolean;
  /** Full SHAs of all releases that are staged and complete on this host; absent = not read. */
  ready?: string[];
  /** Name of the live release's tree, where it is not the SHA: the same commit prepared again. */
  tree?: string;
  /** Where what is live lies, if not in a release of ours; `sha` is its commit where git knows it. */
  foreign?: { path: string; sha: string | null };
  /** The platform's own id of what is live, where it has one; and of every commit it could go back to. */
  id?: string;
  ids?: Record<string, string>;
  /** Megabytes free below the directory (null = could not be read), and whether there is flock. */
  freeMb?: number | null;
  canLock?: boolean;
};

export type Release = {
  /** `<sha 12>-<settings fingerprint 8>`; the platform's own id for a VPS is the SHA. */
  id: string;
  sha: string;
  /** The platform's own id, where it is not the SHA: what a restore names. */
  platformId?: string;
};

export type Commit = {
  sha: string;
  title: string;
  /** Author, committer and co-authors, lower case. */
  emails: string[];
};

export type ApprovalRule = {
  /** 0 = automatic. */
  required: 0 | 1 | 2 | 3;
  /** Why that many: shown by `plan`. */
  reasons: string[];
  eligible: string[];
  /** Groups of approvers who do not suffice by themselves: the requester, and the authors of each shipped commit. */
  notAlone: string[][];
  solo: 'off' | 'touch-key' | 'file-key';
};

/** Constants of both sequential tests; the sandbox's are production's. Source: domain/policy/judge. */
export type JudgeConfig = {
  alpha: number;
  beta: number;
  rho: number;
  rhoBad: number;
  a: number;
  theta: number[];
  weight: number[];
  thetaOk: number[];
  weightOk: number[];
  onset: number[];
  onsetWeight: number[];
  objective: {
    p0: number;
    q: number[];
    w: number[];
    healthFactor: number[];
    healthWeight: number[];
  };
};

export type WatchSource = {
  name: 'probes' | 'error-log';
  required: boolean;
  /** Share of alpha: this source crosses at ln(1 / (alpha * share)). */
  share: number;
};

export type WatchPlan = {
  sources: WatchSource[];
  plannedLooks: number;
  onAsk: 'keep' | 'restore';
  accessLog: string | null;
  /** Asked before the watch goes back: one that is down since the plan explains an outage. */
  dependencies?: string[];
  judge: JudgeConfig;
};

/** Errors and requests (or seconds) of the service before the deploy; phi and tau as monitoring's dispersion. */
export type Baseline = {
  errors: number;
  requests: number;
  phi: number;
  tau: number;
  /** Whose window this was, where it is not what is live: the full SHA. */
  of?: string;
  /** The platform's own metric that counted the requests, where no access log did. */
  metric?: string;
};

/** The sums of a watch, kept in the ledger when it proved its release. */
export type WatchWindow = {
  looks: number;
  errors: number;
  requests: number;
  /** The pattern by which requests were counted; null = seconds. */
  accessLog: string | null;
};

/** One declared dependency, asked at most twice. */
export type DependencyReport = { url: string; ok: boolean; detail: string };

/** One critical path, asked of what is live and of the release before at its own address. */
export type TwinReport = { path: string; now: TwinAnswer; before: TwinAnswer };
export type TwinAnswer = DependencyReport & { status: number | null };

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
  /** Its project configures a security audit: that gate is asked as well. */
  audit?: true;
  /** The environment in which this commit must have succeeded; absent = none. */
  after?: string;
  /** Those that this deploy could meet; absent = none. */
  freezes?: FreezeWindow[];
  plannedAt: string;
  /** No decision counts after this: ISO time. */
  notAfter: string;
};

export type PlanOn<T extends Target> = Plan & { target: T };

export type GateName = 'tests' | 'secrets' | 'audit' | 'platform' | 'previous' | 'freeze';
export type GateReport = {
  gate: GateName;
  open: boolean;
  /** Closed: every reason. Open: what was seen, in one line each. */
  reasons: string[];
  /** Ids of findings that only a signed waiver keeps from closing it. */
  waivers?: string[];
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
};

export type SmokeCheck = {
  path: 'auth' | 'payments' | 'core';
  outcome: 'ok' | 'failed' | 'n/a';
  detail: string;
};
export type SmokeReport = { ok: boolean; checks: SmokeCheck[] };

/** One look: did a confirmed probe fail, and what the error log added since the look before. null = blind. */
export type Look = {
  /** Milliseconds since the watch began. */
  at: number;
  probe: 0 | 1 | null;
  /** [errors, requests or seconds]; null = the source gave no answer. */
  log: [number, number] | null;
  /** How far what `log` counts lags behind, in milliseconds; absent = it does not. */
  lag?: number;
  /** First words of the failed probe, for people. */
  note?: string;
};

export type SourceVerdict = {
  name: WatchSource['name'];
  verdict: 'rollback' | 'healthy' | 'inconclusive' | 'blind';
  logE: number;
  logH: number;
};
export type WatchVerdict = {
  verdict: 'fail' | 'pass' | 'ask' | 'open';
  sources: SourceVerdict[];
  looks: number;
  reasons: string[];
};

export type Phase =
  | 'planning'
  | 'preflight'
  | 'approval'
  | 'release'
  | 'smoke'
  | 'watch'
  | 'ask'
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
  | 'restore-failed';

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

export const refOf = ({ deployId, project, environment, sha }: Plan) => ({
  deployId,
  project,
  environment,
  sha,
});
