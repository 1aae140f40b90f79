import type {
  Activities,
  LateRollback,
  ReleasesInput,
  ReleasesReport,
} from '../../domain/contract/activities.ts';
import type { Config, DeployRequest, SignedRequest } from '../../domain/config/config.ts';
import { authorshipOf } from '../../domain/approval/authorship-source.ts';
import { listedCommits } from '../../domain/deploy/listed-commits.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import { startUpMsOf, timing as timingOf } from '../../domain/deploy/timing.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import { recognize, type Adopted } from '../../domain/drift/adoption.ts';
import {
  lateCause,
  lateRule,
  nextOf,
  noHostAnswers,
  nothingToRollBack,
  notThatRelease,
  silentHosts,
} from '../../domain/messages/late-rollback.ts';
import { rollbackStepsOf } from '../../domain/platforms/words.ts';
import { chooseLate, commitsSince, reachable } from '../../domain/rollback/late-rollback.ts';
import type { LateChoice, LateFacts } from '../../domain/rollback/late-rollback.ts';
import { packedMemo } from '../lib/memo.ts';
import { effect } from '../lib/effect.ts';
import { final } from '../lib/fail.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { sealDigest } from '../lib/seal-digest.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { available } from '../approval/ruling.ts';
import { safeToShow, surroundings, withoutReady } from './assemble.ts';
import type { PlannerDeps } from './facts.ts';
import { inspectEach } from './inspect.ts';
import type { Seen } from './inspect.ts';
import { findPlace, type Place } from './place.ts';
import {
  deployIdOf,
  refuseOtherId,
  refuseReplay,
  refuseStale,
  replayed,
  requestKey,
  verifyRequest,
} from './request.ts';
import { planTarget } from './target.ts';
import { watchPlan } from './watch-plan.ts';

type Deps = Pick<PlannerDeps, 'config' | 'inspectHosts' | 'now'> & {
  ledger: Pick<PlannerDeps['ledger'], 'append' | 'find' | 'read'>;
};

/**
 * The largest number of entries to read. `mostPlans` is for entries of deploys, because these
 * entries contain plans. The other number is for all other entries.
 */
const mostPlans = 300;
const mostEntries = 10_000;
const mostCommits = 20;

/**
 * Makes the activities that plan a rollback after a deploy has closed. These activities read the
 * ledger and the hosts, but never git. They throw a transient failure if the ledger does not
 * answer.
 */
export const createLateRollback = (
  deps: Deps,
): Pick<Activities, 'planRollback' | 'readReleases'> => ({
  planRollback: effect('planRollback', (input) => withHeartbeat(() => planRollback(deps, input))),
  readReleases: (input) => withHeartbeat(() => readReleases(deps, input)),
});

async function readReleases(deps: Deps, asked: ReleasesInput): Promise<ReleasesReport> {
  const { project, environment, to = null } = asked;
  const where = { project, environment };
  const { facts, seen } = await look(deps, where, findPlace(deps.config(), where));
  return {
    live: seen.live.map(({ host, sha, healthy }) => ({ host, sha, healthy })),
    silent: seen.silent,
    releases: reachable(facts).map(({ release: { sha }, ...known }) => ({ sha, ...known })),
    next: nextOf(where, chooseLate(facts, to)),
  };
}

type Where = Pick<DeployRequest, 'project' | 'environment'>;

async function look({ ledger, inspectHosts }: Deps, where: Where, place: Place) {
  const { project } = where;
  const [seen, plans, ends, blamed] = await Promise.all([
    inspectEach(inspectHosts, planTarget(place)),
    available(ledger.read({ ...where, kinds: ['released'], limit: mostPlans })),
    available(
      ledger.read({ ...where, kinds: ['closed', 'adopted', 'revert'], limit: mostEntries }),
    ),
    available(
      ledger.read({ project, kinds: ['quarantine', 'lifted', 'incident'], limit: mostEntries }),
    ),
  ]);
  if (seen.live.length === 0) throw final(failures.refused, noHostAnswers(where, seen.silent));
  const entries = [...plans, ...ends, ...blamed].toSorted((a, b) => b.seq - a.seq);
  const adopted = entries.find(({ kind }) => kind === 'adopted')?.body as Adopted | undefined;
  const live = recognize(seen.live, adopted ?? null);
  const facts: LateFacts = { entries, cut: plans.length === mostPlans, live };
  return { facts, seen: { ...seen, live } };
}

async function planRollback(
  deps: Deps,
  { signed, runId }: { signed: SignedRequest; runId: string },
): Promise<LateRollback> {
  const { ledger, now: clock = Date.now } = deps;
  const config = deps.config();
  const request = await verifyRequest(signed, config, namespaces.rollback);
  refuseOtherId(request);
  const now = clock();
  if (!(await refuseReplay(request, { ledger, runId }))) refuseStale(request, now);
  const place = findPlace(config, request);
  const { facts, seen } = await look(deps, request, place);
  const choice = chooseLate(facts, request.ref);
  if (choice.kind === 'nothing') throw final(failures.refused, nothingToRollBack(request, choice));
  if (choice.kind === 'impossible')
    throw final(failures.refused, notThatRelease(request, choice.why));
  const plan = knownSecrets.cleanAll(planOf({ config, request, place, now, facts, seen, choice }));
  await recordStart(deps, { plan, request, runId });
  const sealed = { plan, gates: [], digest: sealDigest(plan, []) };
  const memo = packedMemo(sealed);
  const cause = lateCause(plan.requestedBy, plan.reason, request.blame === true);
  return { ...sealed, cause, ...(memo === undefined ? {} : { memo }) };
}

type Facts = {
  config: Config;
  request: DeployRequest;
  place: Place;
  now: number;
  facts: LateFacts;
  seen: Seen;
  choice: Extract<LateChoice, { kind: 'rollback' }>;
};

function planOf({ config, request, place, now, facts, seen, choice }: Facts): Plan {
  const { project, environment, ref, requestedBy, reason, priority } = request;
  const { from, to } = choice;
  const { release: rollbackTarget, forwardOnly } = to;
  const target = planTarget(place);
  const timing = {
    ...timingOf(config.sandbox ? config.timeScale : 1),
    startUpMs: startUpMsOf(place.environment.startUp),
  };
  const crossed = forwardOnly === undefined ? {} : { forwardOnly };
  const commits = commitsSince(facts, rollbackTarget.sha);
  const warnings = silentHosts(seen.silent);
  const steps = rollbackStepsOf({ target, rollbackTarget, notes: warnings });
  const last = facts.entries.find(({ kind }) => kind === 'closed');
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return safeToShow({
    deployId: deployIdOf(request),
    ...{ project, environment, ref, sha: from.sha, requestedBy, reason, priority },
    release: from,
    target,
    live: seen.live.map(withoutReady),
    rollbackTarget,
    ...crossed,
    lastProven: rollbackTarget,
    steps,
    rollbackSteps: steps,
    authorship: authorshipOf(config, place.project) ?? 'git',
    ...listedCommits(commits, { total: commits.length, limit: mostCommits }),
    rule: {
      required: forwardOnly === undefined ? 0 : 1,
      reasons: lateRule(crossed),
      eligible: Object.keys(config.approvers),
      notAlone: [],
      solo: 'off',
    },
    smoke: place.environment.smoke,
    watch: watchPlan(place.environment, { baseline: null, standing: 'unproven' }),
    baseline: null,
    ...(warnings.length > 0 ? { warnings } : {}),
    power: [],
    recall: {
      lastOutcome: text(last?.body['outcome']),
      lastSha: text(last?.body['sha']),
      openIncidents: [],
    },
    timing,
    ...surroundings({ config, place, request }),
    late: true,
    plannedAt: new Date(now).toISOString(),
    notAfter: new Date(now + timing.expireMs).toISOString(),
  });
}

/** Two runs with the same request have the same key, so only the first run continues. */
async function recordStart(
  { ledger }: Deps,
  { plan, request, runId }: { plan: Plan; request: DeployRequest; runId: string },
) {
  const { deployId, project, environment, ref, sha, release, requestedBy, reason } = plan;
  const { priority, rollbackTarget, rule } = plan;
  const about = { ref, sha, release, requestedBy, reason, priority, rollbackTarget, rule };
  const entry = await ledger.append({
    kind: 'started',
    key: requestKey(request),
    ...{ deployId, project, environment },
    body: { runId, late: true, ...about, ...(request.blame ? { blame: true } : {}) },
  });
  if (entry.body['runId'] !== runId) throw replayed(entry.deployId);
}
