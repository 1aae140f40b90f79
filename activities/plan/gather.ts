import type { Activities } from '../../domain/activities.ts';
import type { Baseline, Commit, HostState, Plan, Release, VpsTarget } from '../../domain/plan.ts';
import { failures } from '../../domain/failures.ts';
import { timing as timingOf } from '../../domain/policy/timing.ts';
import { wayBack } from '../../domain/policy/way-back.ts';
import type { Config, DeployRequest } from '../../domain/schema.ts';
import type { Git } from '../git.ts';
import { badRef, isPlainRef } from '../git/refuse.ts';
import type { Ledger } from '../ledger.ts';
import { releaseOf as recordedRelease } from '../ledger/recall.ts';
import { final } from '../lib/fail.ts';
import { inspectAll } from './inspect.ts';
import type { Place } from './place.ts';
import { freezeTarget, releaseOf } from './target.ts';

export type PlannerDeps = {
  /** The worker's own configuration: never what a client sent. */
  config: () => Config;
  ledger: Pick<Ledger, 'append' | 'find' | 'read' | 'lastClosed' | 'lastProven' | 'openIncidents'>;
  git: Pick<Git, 'resolve' | 'commits' | 'isAncestor'>;
  inspectHosts: Activities['inspectHosts'];
  measureBaseline: Activities['measureBaseline'];
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
  target: VpsTarget;
  release: Release;
  live: HostState[];
  restoreTo: Release | null;
  notes: string[];
  lastProven: Release | null;
  commits: Commit[];
  totalCommits: number;
  offBranch: string | null;
  baseline: Baseline | null;
  recall: Plan['recall'];
};

type Question = Pick<PlanFacts, 'config' | 'request' | 'place' | 'now'>;

export async function gather(deps: PlannerDeps, question: Question): Promise<PlanFacts> {
  const { config, request, place } = question;
  const { repository } = place.project;
  if (!isPlainRef(request.ref)) throw badRef(request.ref);
  const sha = await deps.git.resolve(repository, request.ref);
  const target = freezeTarget(place);
  const memory = await recollect(deps, request);
  const live = await inspectAll(deps.inspectHosts, target);
  const { restoreTo, notes } = findWayBack({ live, target, request, memory });
  const range = await deps.git.commits(repository, restoreTo?.sha ?? null, sha);
  const accessLog = place.environment.watch.accessLog ?? null;
  return {
    ...question,
    timing: timingOf(config.sandbox ? config.timeScale : 1),
    sha,
    target,
    release: releaseOf(sha, target),
    live,
    restoreTo,
    notes,
    lastProven: memory.lastProven,
    commits: range.commits,
    totalCommits: range.total,
    offBranch: await offBranch(deps.git, place, sha),
    baseline: restoreTo ? await deps.measureBaseline({ target, accessLog }) : null,
    recall: memory.recall,
  };
}

type Memory = { lastProven: Release | null; released: Release[]; recall: Plan['recall'] };

async function recollect(
  { ledger }: PlannerDeps,
  { project, environment }: DeployRequest,
): Promise<Memory> {
  const last = await ledger.lastClosed(project, environment);
  const incidents = await ledger.openIncidents(project);
  const kinds: ['released', 'adopted', 'closed'] = ['released', 'adopted', 'closed'];
  const entries = await ledger.read({ project, environment, kinds, limit: 200 });
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    lastProven: await ledger.lastProven(project, environment),
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

function findWayBack(facts: {
  live: HostState[];
  target: VpsTarget;
  request: DeployRequest;
  memory: Memory;
}) {
  const { live, target, memory, request } = facts;
  const named = (sha: string) =>
    memory.released.find((release) => release.sha === sha) ?? releaseOf(sha, target);
  const way = wayBack({ live, lastProven: memory.lastProven, named });
  if (!('impossible' in way)) return way;
  throw final(
    failures.refused,
    `${request.project} ${request.environment} has no way back: ${way.impossible}.\n` +
      'Nothing was touched. Bring all hosts to one release first, then deploy again; ' +
      `see what was released: npx --no plimsoll history ${request.project} ${request.environment}`,
  );
}

/** The configured branch, where it does not have the commit. */
async function offBranch(git: PlannerDeps['git'], { project }: Place, sha: string) {
  const { repository, branch } = project;
  const head = await git.resolve(repository, `refs/heads/${branch}`);
  return (await git.isAncestor(repository, sha, head)) ? null : branch;
}
