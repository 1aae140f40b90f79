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
