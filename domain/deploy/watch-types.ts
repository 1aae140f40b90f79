/**
 * Constants of both sequential tests, which domain/watch/judge defines. A sandbox uses the
 * constants of production.
 */
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
  /**
   * The share of alpha that this source gets. The source decides against the release when its
   * evidence reaches ln(1 / (alpha * share)).
   */
  share: number;
};

export type WatchPlan = {
  sources: WatchSource[];
  plannedSamples: number;
  onInconclusive: 'keep' | 'rollback';
  accessLog: string | null;
  /**
   * Addresses of dependencies, which are probed before the watch rolls back. An outage is external
   * if a dependency went down after the plan was made.
   */
  dependencies?: string[];
  judge: JudgeConfig;
};

/**
 * Errors and requests (or seconds) of the service before the deploy. `phi` and `tau` are the
 * measured dispersion.
 */
export type Baseline = {
  errors: number;
  requests: number;
  phi: number;
  tau: number;
  /** Full SHA of the measured release, if it is not the live release. */
  of?: string;
  /** The platform's own metric that counted the requests. Set only if there was no access log. */
  metric?: string;
  unread?: UnreadLines;
};

/**
 * [lines that could not be read, all lines]; absent = every line was read. An unread line may be an
 * error.
 */
export type UnreadLines = [number, number];

/** The sums of a watch. The ledger keeps these sums if the watch proved the release. */
export type WatchWindow = {
  samples: number;
  errors: number;
  requests: number;
  /** The pattern of access-log lines that counted the requests; null = seconds were counted. */
  accessLog: string | null;
};

/** The answer of one declared dependency, which was probed at most twice. */
export type DependencyReport = { url: string; ok: boolean; detail: string };

/**
 * The answers on one critical path. `now`: the live release. `before`: the previous release at its
 * own address.
 */
export type PreviousReleaseReport = { path: string; now: PathReport; before: PathReport };

export type PathReport = DependencyReport & { status: number | null };

/** A path of the site, or "n/a: reason". */
export type SmokePaths = { auth: string; payments: string; core: string };

export type SmokeCheck = {
  /**
   * `release` stands for the question: does every connection reach the release, and only the
   * release?
   */
  path: 'auth' | 'payments' | 'core' | 'release';
  outcome: 'ok' | 'failed' | 'n/a';
  detail: string;
};

/**
 * The proof that customers get the rollback target, made over many new connections. `requests`:
 * number of requests. `problems`: the failures; empty = proven. `notChecked`: facts that could not
 * be read. `problems` and `notChecked` are texts for people, without a full stop.
 */
export type ServedProof = {
  requests: number;
  problems: string[];
  notChecked: string[];
  /** ISO time at which the proof began, and the seal of the worker. Absent: no worker sealed it. */
  at?: string;
  seal?: string;
};

export type SmokeReport = {
  ok: boolean;
  checks: SmokeCheck[];
  /** The seal of the worker that made the checks. */
  seal?: string;
};

/**
 * One sample of the watch: the result of the probe, and the errors in the error log since the last
 * sample.
 */
export type Sample = {
  /** Milliseconds since the watch began. */
  at: number;
  /** 1 = a probe failed twice in a row; 0 = no probe failed twice in a row; null = no data. */
  probe: 0 | 1 | null;
  /** [errors, requests or seconds] since the last sample; null = the source did not answer. */
  log: [number, number] | null;
  /** The delay of the numbers in `log`, in milliseconds; absent = no delay. */
  lag?: number;
  unread?: UnreadLines;
  /** The beginning of the message of the failed probe, for people. */
  note?: string;
  /** On the last sample of a segment: the seal of the worker over all samples of the segment. */
  seal?: string;
};

export type SourceVerdict = {
  name: WatchSource['name'];
  verdict: 'rollback' | 'healthy' | 'inconclusive' | 'no-data';
  logE: number;
  logH: number;
};

export type WatchVerdict = {
  verdict: 'fail' | 'pass' | 'inconclusive' | 'open';
  sources: SourceVerdict[];
  samples: number;
  reasons: string[];
};
