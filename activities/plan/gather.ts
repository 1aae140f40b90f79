import { recognize, type Adopted } from '../../domain/drift/adoption.ts';
import { startUpMsOf, timing as timingOf } from '../../domain/deploy/timing.ts';
import { standingOf } from '../../domain/rollback/rollback-target.ts';
import { badRef, isPlainRef } from '../git/refuse.ts';

import { releaseOf as recordedRelease } from '../../domain/rollback/recall.ts';
import { budgetOf } from '../budget/budget-of.ts';
import { readStop } from '../approval/stop.ts';
import { redeploysPrevious } from '../../domain/rollback/redeploys-previous.ts';
import { chooseBaseline } from './choose-baseline.ts';
import type { Memory, PlanFacts, PlannerDeps } from './facts.ts';
import { findRollbackTarget } from './find-rollback-target.ts';
import { inspectAll } from './inspect.ts';
import { makersOf } from './makers.ts';
import { planTarget, releaseOf } from './target.ts';

type Question = Pick<PlanFacts, 'config' | 'request' | 'place' | 'now'>;

export async function gather(deps: PlannerDeps, question: Question): Promise<PlanFacts> {
  const { config, request, place } = question;
  const { repository, branch } = place.project;
  if (!isPlainRef(request.ref)) throw badRef(request.ref);
  const target = planTarget(place);
  const { watch, dependencies } = place.environment;
  const { accessLog = null } = watch;
  // The measurement of the baseline takes as long as all other steps together. So the measurement
  // starts now, although the plan may not need the baseline.
  const measuring = deps.measureBaseline({ target, accessLog });
  measuring.catch(() => {});
  const [sha, head, memory, inspected] = await Promise.all([
    deps.git.resolve(repository, request.ref),
    deps.git.resolve(repository, `refs/heads/${branch}`),
    recollect(deps, question),
    inspectAll(deps.inspectHosts, target),
  ]);
  const live = recognize(inspected, memory.adopted);
  const found = findRollbackTarget({ live, target, request, memory });
  const noReturn = found.rollbackTarget && (await deps.noReturn(target, sha));
  const standing = standingOf({ live, lastProven: memory.lastProven });
  const measure = () => measuring;
  const [range, changes, onBranch, baseline, probed] = await Promise.all([
    deps.git.commits(repository, found.since, sha),
    deps.git.changes(repository, found.since, sha),
    deps.git.isAncestor(repository, sha, head),
    found.rollbackTarget ? chooseBaseline({ measure, standing, accessLog, memory }) : null,
    dependencies.length > 0 ? deps.probeDependencies({ dependencies }) : [],
  ]);
  return {
    ...question,
    timing: {
      ...timingOf(config.sandbox ? config.timeScale : 1),
      startUpMs: startUpMsOf(place.environment.startUp),
    },
    sha,
    target,
    release: releaseOf(sha, target),
    live,
    rollbackTarget: noReturn === null ? found.rollbackTarget : null,
    noReturn,
    notes: [...(noReturn === null ? [] : [noReturn]), ...found.notes],
    lastProven: memory.lastProven,
    ...(await makersOf(deps, {
      ...{ config, place, since: found.since, sha, commits: range.commits },
      projectName: request.project,
    })),
    totalCommits: range.total,
    changes,
    since: found.since,
    offBranch: onBranch ? null : branch,
    standing,
    baseline,
    dependencies: probed,
    recall: memory.recall,
    budget: budgetOf(config, place.environment, request),
    stopped: memory.stopped,
    redeploysPrevious: redeploysPrevious({ sha, live, entries: memory.entries }),
  };
}

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
