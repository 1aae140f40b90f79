import type { Activities, Entry } from '../../domain/contract/activities.ts';
import type { PlanBudget } from '../../domain/deploy/budget.ts';
import type {
  Baseline,
  Commit,
  DependencyReport,
  HostState,
  Plan,
  Release,
  Stop,
  Target,
} from '../../domain/deploy/plan.ts';
import type { Adopted } from '../../domain/drift/adoption.ts';
import type { Changes } from '../../domain/approval/changes.ts';
import type { Standing } from '../../domain/rollback/rollback-target.ts';
import type { Config, DeployRequest } from '../../domain/config/config.ts';
import type { Git } from '../git/git.ts';
import type { Ledger } from '../ledger/types.ts';
import type { Proof } from '../../domain/approval/authorship.ts';
import type { Site } from './makers.ts';
import type { Place } from './place.ts';

export type PlannerDeps = {
  /** Returns the worker's own configuration, never values that a client sent. */
  config: () => Config;
  ledger: Pick<Ledger, 'append' | 'find' | 'read' | 'lastClosed' | 'lastProven' | 'openIncidents'>;
  git: Pick<Git, 'resolve' | 'commits' | 'changes' | 'isAncestor' | 'signers'>;
  inspectHosts: Activities['inspectHosts'];
  measureBaseline: Activities['measureBaseline'];
  noReturn: (target: Target, sha: string) => Promise<string | null>;
  probeDependencies: Activities['probeDependencies'];
  /** The calls to GitHub. If GitHub is not configured, they are absent. */
  github?: Site;
  /** Returns the current time in epoch milliseconds. */
  now?: () => number;
};

/** The request, and every fact that the plan needs. */
export type PlanFacts = {
  config: Config;
  request: DeployRequest;
  place: Place;
  now: number;
  timing: Plan['timing'];
  sha: string;
  target: Target;
  release: Release;
  live: HostState[];
  rollbackTarget: Release | null;
  noReturn: string | null;
  notes: string[];
  lastProven: Release | null;
  commits: Commit[];
  totalCommits: number;
  proof: Proof;
  /**
   * The changes between the usual rollback target and the commit of this deploy. If the requester
   * chose another rollback target, the changes stay the same.
   */
  changes: Changes;
  /** The commit with which `changes` compares. null means that there is no earlier release. */
  since: string | null;
  offBranch: string | null;
  standing: Standing;
  baseline: Baseline | null;
  dependencies: DependencyReport[];
  recall: Plan['recall'];
  budget: PlanBudget | null;
  stopped: Stop | null;
  redeploysPrevious: boolean;
};

/** The facts that the ledger has about this project and environment. */
export type Memory = {
  lastProven: Release | null;
  /**
   * The error counts of the watch that proved the last proven release. The counts come from the
   * ledger entry of that release.
   */
  provenWindow: unknown;
  released: Release[];
  /** The ledger entries of releases, adoptions and closed deploys, newest first. */
  entries: Entry[];
  adopted: Adopted | null;
  recall: Plan['recall'];
  stopped: Stop | null;
};
