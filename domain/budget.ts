/** Every amount is in whole micro-dollars. */
export type BudgetLimits = { day: number; month: number; task: number; agent: number };

/** What a plan knows of its budget: shown, not digested. */
export type PlanBudget = {
  limits: BudgetLimits;
  /** What one deploy costs; null: nothing is configured that says so. */
  estimate: number | null;
  /** The requester, where it is an agent; null: a person. */
  agent: string | null;
};

/** Of a UTC day and its month; `agents` of the day. */
export type Sums = { day: number; month: number; agents: Record<string, number> };

/** What the ledger knows was spent. */
export type Spending = {
  /** Imported from the files of costs. */
  costs: Sums;
  /** Deploys that reached production. */
  deploys: Sums;
  /** Deploys that are open: they count in whichever day and month it is. */
  reserved: { deploys: number; total: number; agents: Record<string, number> };
};

/** A line of a file of costs; `micros` null: it could not be read, and `why` says so. */
export type CostLine = {
  /** Of the file's first line, the place and the text: the same line is the same cost. */
  key: string;
  file: string;
  startAt: number;
  line: number;
  path: string;
  /** ISO time; of a line that cannot be read, when it was found. */
  at: string;
  agent: string | null;
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  micros: number | null;
  why: string | null;
};

/** `at` is ISO time. */
export type Reservation = {
  deployId: string;
  project: string;
  environment: string;
  agent: string | null;
  micros: number;
  at: string;
};

/** What `budget` shows: of now, its day and its month. */
export type BudgetReport = {
  at: string;
  limits: BudgetLimits;
  used: Sums;
  spending: Spending;
  bad: { total: number; newest: Pick<CostLine, 'path' | 'line' | 'why'>[] };
  /** What could not be read, one sentence each: the gate is closed by it. */
  sourceErrors: string[];
  /** The titles of what people should know and nobody was told yet. */
  untold: string[];
  /** Slack or a pager is configured: somebody can be told. */
  reachable: boolean;
};
