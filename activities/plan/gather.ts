import type { Activities } from '../../domain/activities.ts';
import type {
  Baseline,
  Commit,
  DependencyReport,
  HostState,
  Plan,
  Release,
  Target,
} from '../../domain/plan.ts';
import type { PlanBudget } from '../../domain/budget.ts';
import { recognize, type Adopted } from '../../domain/policy/adoption.ts';
import type { Changes } from '../../domain/policy/changes.ts';
import { timing as timingOf } from '../../domain/policy/timing.ts';
import { standingOf, type Standing } from '../../domain/policy/way-back.ts';
import type { Config, DeployRequest } from '../../domain/schema.ts';
import type { Git } from '../git.ts';
import { badRef, isPlainRef } from '../git/refuse.ts';
import type { Stop } from '../../domain/policy/stop.ts';
import type { Ledger } from '../ledger.ts';
import { releaseOf as recordedRelease } from '../ledger/recall.ts';
import { budgetOf } from '../budget/budget-of.ts';
import type { Entry } from '../../domain/activities.ts';
import { readStop } from '../ledger/stop.ts';
import { goesBack } from '../../domain/policy/goes-back.ts';
import { chooseBaseline } from './choose-baseline.ts';
import { findWayBack } from './find-way-back.ts';
import { inspectAll } from './inspect.ts';
import { withPulls } from './pull-titles.ts';
import type { Place } from './place.ts';
import { freezeTarget, releaseOf } from './target.ts';

export type PlannerDeps = {
  /** The worker's own configuration: never what a client sent. */
  config: () => Config;
  ledger: Pick<Ledger, 'append' | 'find' | 'read' | 'lastClosed' | 'lastProven' | 'openIncidents'>;
  git: Pick<Git, 'resolve' | 'commits' | 'changes' | 'isAncestor'>;
  inspectHosts: Activities['inspectHosts'];
  measureBaseline: Activities['measureBaseline'];
  noReturn: (target: Target, sha: string) => Promise<string | null>;
  probeDependencies: Activities['probeDependencies'];
  /** "Take cards (#12)"; absent: GitHub is not configured. */
  pullOf?: (repository: string, sha: string) => Promise<string | null>;
  /** Epoch milliseconds. */
  now?: () => number;
};

/** Whom the plan is for, and everything that was seen of the world for it. */
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
  restoreTo: Release | null;
  noReturn: string | null;
  notes: string[];
  lastProven: Release | null;
  commits: Commit[];
  totalCommits: number;
  /** Between what is live and what is shipped, whatever the way back that was chosen. */
  changes: Changes;
  offBranch: string | null;
  standing: Standing;
  baseline: Baseline | null;
  dependencies: DependencyReport[];
  recall: Plan['recall'];
  budget: PlanBudget | null;
  stopped: Stop | null;
  goesBack: boolean;
};

type Question = Pick<PlanFacts, 'config' | 'request' | 'place' | 'now'>;

export async function gather(deps: PlannerDeps, question: Question): Promise<PlanFacts> {
  const { config, request, place } = question;
  const { repository, branch } = place.project;
  if (!isPlainRef(request.ref)) throw badRef(request.ref);
  const target = freezeTarget(place);
  const { watch, dependencies } = place.environment;
  const { accessLog = null } = watch;
  // Begun before it is known whether it is wanted: it takes as long as the rest.
  const measuring = deps.measureBaseline({ target, accessLog });
  measuring.catch(() => {});
  const [sha, head, memory, inspected] = await Promise.all([
    deps.git.resolve(repository, request.ref),
    deps.git.resolve(repository, `refs/heads/${branch}`),
    recollect(deps, question),
    inspectAll(deps.inspectHosts, target),
  ]);
  const live = recognize(inspected, memory.adopted);
  const found = findWayBack({ live, target, request, memory });
  const noReturn = found.restoreTo && (await deps.noReturn(target, sha));
  const standing = standingOf({ live, lastProven: memory.lastProven });
  const measure = () => measuring;
  const [range, changes, onBranch, baseline, probed] = await Promise.all([
    deps.git.commits(repository, found.since, sha),
    deps.git.changes(repository, found.since, sha),
    deps.git.isAncestor(repository, sha, head),
    found.restoreTo ? chooseBaseline({ measure, standing, accessLog, memory }) : null,
    dependencies.length > 0 ? deps.probeDependencies({ dependencies }) : [],
  ]);
  return {
    ...question,
    timing: timingOf(config.sandbox ? config.timeScale : 1),
    sha,
    target,
    release: releaseOf(sha, target),
    live,
    restoreTo: noReturn === null ? found.restoreTo : null,
    noReturn,
    notes: [...(noReturn === null ? [] : [noReturn]), ...found.notes],
    lastProven: memory.lastProven,
    commits: await named(deps, question, range.commits),
    totalCommits: range.total,
    changes,
    offBranch: onBranch ? null : branch,
    standing,
    baseline,
    dependencies: probed,
    recall: memory.recall,
    budget: budgetOf(config, place.environment, request),
    stopped: memory.stopped,
    goesBack: goesBack({ sha, live, entries: memory.entries }),
  };
}

/** Only those who are asked at Slack read them. */
async function named({ pullOf }: PlannerDeps, { config, place }: Question, commits: Commit[]) {
  const { github } = place.project;
  if (!pullOf || !github || !config.slack?.approvals) return commits;
  return await withPulls(commits, (sha) => pullOf(github, sha));
}

/** What the ledger knows of this place. */
export type Memory = {
  lastProven: Release | null;
  /** `watch` of the entry that closed the last proven release. */
  provenWindow: unknown;
  released: Release[];
  /** Of releases and ends, newest first. */
  entries: Entry[];
  adopted: Adopted | null;
  recall: Plan['recall'];
  stopped: Stop | null;
};

async function recollect(
  { ledger }: PlannerDeps,
  { config, request: { project, environment } }: Question,
): Promise<Memory> {
  const last = await ledger.lastClosed(project, environment);
  const incidents = await ledger.openIncidents(project);
  const kinds: ['released', 'adopted', 'closed'] = ['released', 'adopted', 'closed'];
  const entries = await ledger.read({ project, environment, kinds, limit: 200 });
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const lastProven = await ledger.lastProven(project, environment);
  const proof = entries.find(
    (entry) =>
      entry.body['outcome'] === 'succeeded' && recordedRelease(entry)?.id === lastProven?.id,
  );
  return {
    lastProven,
    entries,
    stopped: await readStop(ledger, config),
    provenWindow: proof?.body['watch'],
    adopted: (entries.find(({ kind }) => kind === 'adopted')?.body as Adopted | undefined) ?? null,
    released: entries.map(recordedRelease).filter((release) => release !== null),
    recall: {
      lastOutcome: text(last?.body['outcome']),
      lastSha: text(last?.body['sha']),
      openIncidents: incidents
        .slice(0, 5)
        .map(({ body, at, deployId }) => `${text(body['incident']) ?? deployId} since ${at}`),
    },
  };
}
