/** The spending limits. Every amount in this file is in whole micro-dollars. */
export type BudgetLimits = { day: number; month: number; task: number; agent: number };

/** The budget that a plan shows. */
export type PlanBudget = {
  limits: BudgetLimits;
  /** Cost of one deploy; null = no cost is configured. */
  estimate: number | null;
  /** Name of the requester if the requester is an agent; null = the requester is a person. */
  agent: string | null;
};

/**
 * The sums of one UTC day and of the month of that day. `agents` has the sum of each agent for the
 * day.
 */
export type Sums = { day: number; month: number; agents: Record<string, number> };

/** All spending that is recorded in the ledger. */
export type Spending = {
  /** Costs that were read from the cost files. */
  costs: Sums;
  /** Costs of deploys that reached production. */
  deploys: Sums;
  /**
   * Reserved costs of open deploys. They count for today and this month, even if the deploy began
   * earlier.
   */
  reserved: { deploys: number; total: number; agents: Record<string, number> };
};

/**
 * A line of a cost file. If the line could not be read, `micros` is null and `why` is the reason.
 */
export type CostLine = {
  /**
   * Key of the line, made of the file's first line, the position and the text. So a line that is
   * read again has the same key.
   */
  key: string;
  file: string;
  startAt: number;
  line: number;
  path: string;
  /**
   * ISO time of the cost. For a line that could not be read, the time at which the line was found.
   */
  at: string;
  agent: string | null;
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  micros: number | null;
  why: string | null;
};

/** The cost that is reserved for one open deploy. `at` is an ISO time. */
export type Reservation = {
  deployId: string;
  project: string;
  environment: string;
  agent: string | null;
  micros: number;
  at: string;
};

/** The report of `plimsoll budget`, about today and this month. `at` is an ISO time. */
export type BudgetReport = {
  at: string;
  limits: BudgetLimits;
  used: Sums;
  spending: Spending;
  bad: { total: number; newest: Pick<CostLine, 'path' | 'line' | 'why'>[] };
  /**
   * One sentence for each source that could not be read. One unread source is enough to close the
   * budget gate.
   */
  sourceErrors: string[];
  /** Titles of the alerts that were not sent to anybody yet. */
  unreported: string[];
  /** true: Slack or a pager is configured, so that people can be notified. */
  reachable: boolean;
};

/**
 * An alert about a limit. `keys` has one key for each threshold (50, 75, 90 and 100 %) that is
 * reached. People are notified once for each threshold.
 */
export type BudgetAlert = { keys: string[]; percent: number; title: string; text: string };
