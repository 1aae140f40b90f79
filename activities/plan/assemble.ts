import { failures } from '../../domain/deploy/failures.ts';
import type { ApprovalRule, HostState, Plan } from '../../domain/deploy/plan.ts';
import { crossing } from '../../domain/rollback/crossing.ts';
import { unverifiedAuthors } from '../../domain/messages/parts/authors.ts';
import { notIsolated } from '../../domain/messages/builds.ts';
import { declaredNote, forwardOnlyNote } from '../../domain/messages/migrations.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { filesByKind } from '../../domain/approval/changed-files.ts';
import { demandsOf } from '../../domain/approval/demands.ts';
import { detectionPower } from '../../domain/watch/detection-power.ts';
import { listedCommits } from '../../domain/deploy/listed-commits.ts';
import { downBefore } from '../../domain/watch/external-outage.ts';
import { needsOf, throughFreezeWindow, windowsBetween } from '../../domain/gates/freeze.ts';
import { configuredGates, type GateFlags } from '../../domain/gates/table.ts';
import type { Project } from '../../domain/config/config.ts';
import { redeploysPreviousNote } from '../../domain/rollback/redeploys-previous.ts';
import { throughStop } from '../../domain/gates/stop.ts';
import { ownsBranch } from '../../domain/incident/owns-branch.ts';
import { taskDemand } from '../../domain/budget/budget.ts';
import { decideRule } from '../../domain/approval/rule.ts';
import { stepsOf, rollbackStepsOf } from '../../domain/platforms/words.ts';
import { final } from '../lib/fail.ts';
import { jsonBytes, mostMemoBytes, mostPackedBytes, pack } from '../lib/memo.ts';
import { baselineNotes } from './choose-baseline.ts';
import type { PlanFacts } from './facts.ts';
import { deployIdOf } from './request.ts';
import { warnsOfAuthors } from './makers.ts';
import { watchPlan } from './watch-plan.ts';

/**
 * The largest size of a plan in bytes, before it is compressed. The limit is needed because the
 * inputs of activities contain the plan.
 */
const mostPlanBytes = 128 * 1024;
/**
 * A plan with fewer commits may fit into the memo without compression. Only then people can read
 * the plan in the Web UI. So these numbers of commits are tried, in this order.
 */
const readable = [50, 40, 30, 20, 10];
const compressed = [50, 40, 30, 20, 10, 5, 0];

/**
 * Makes the plan from the facts. The memo of the workflow contains the plan, so a large plan lists
 * fewer commits, and the plan of many hosts is compressed. Throws a final failure of type
 * 'misconfigured' if nobody can meet the approval rule, or if the plan is too large even without
 * commits.
 */
export function assemble(facts: PlanFacts): Plan {
  const rule = ruleOf(facts);
  for (const limit of readable) {
    const plan = planOf(facts, rule, limit);
    if (jsonBytes(plan) <= mostMemoBytes) return plan;
  }
  for (const limit of compressed) {
    const plan = planOf(facts, rule, limit);
    if (jsonBytes(plan) <= mostPlanBytes && pack(plan).length <= mostPackedBytes) return plan;
  }
  throw final(
    failures.misconfigured,
    `The plan of ${facts.request.project} ${facts.request.environment} does not fit into the memo of a ` +
      'deploy even without its commits, and cannot be approved.\n' +
      'Give the environment fewer hosts, or a shorter "prepare", in plimsoll.yaml.',
  );
}

function ruleOf(facts: PlanFacts): ApprovalRule {
  const { config, request, place, commits, totalCommits, offBranch } = facts;
  const { rollbackTarget, noReturn } = facts;
  const decided = decideRule({
    project: request.project,
    environment: request.environment,
    override: place.environment.approvers,
    commits,
    unknownCommits: Math.max(0, totalCommits - commits.length),
    proof: facts.proof,
    approvers: config.approvers,
    requesters: config.requesters,
    requestedBy: request.requestedBy,
    bots: config.bots,
    solo: config.solo,
    slack: config.slack?.approvals?.suffices,
    firstDeploy: rollbackTarget === null && noReturn === null,
    noReturn: noReturn !== null,
    offBranch,
    demands: [
      ...demandsOf({
        environment: request.environment,
        changes: facts.changes,
        rules: place.project.rules,
        roles: place.project.roles,
      }),
      ...costDemand(facts.budget),
    ],
    through: request.priority === 'P0' ? whatItGoesThrough(facts) : [],
  });
  if ('rule' in decided) return decided.rule;
  throw final(
    failures.misconfigured,
    `No configured person can approve ${request.project} ${request.environment}: ` +
      `${decided.impossible.join('; ')}.\n` +
      'Nothing was touched. Change plimsoll.yaml, start the worker again, and deploy again.',
  );
}

const whatItGoesThrough = (facts: PlanFacts) =>
  facts.redeploysPrevious
    ? []
    : [throughFreezeWindow(freezesOf(facts)), throughStop(facts.stopped)].filter(
        (why) => why !== null,
      );

function planOf(facts: PlanFacts, rule: ApprovalRule, limit: number): Plan {
  const { request, place, now, timing, sha, target, rollbackTarget, baseline } = facts;
  const { project, environment, ref, requestedBy, reason, priority } = request;
  const crossed = crossedBy(facts);
  const { forwardOnly } = crossed;
  return safeToShow({
    deployId: deployIdOf(request),
    ...{ project, environment, ref, sha, requestedBy, reason, priority },
    ...(request.ci === undefined ? {} : { ci: request.ci }),
    release: facts.release,
    target,
    live: facts.live.map(withoutReady),
    rollbackTarget,
    ...(facts.noReturn === null ? {} : { noReturn: facts.noReturn }),
    ...(forwardOnly === undefined ? {} : { forwardOnly }),
    lastProven: facts.lastProven,
    steps: stepsOf({
      ...{ sha, target, timing, forwardOnly },
      dependencies: place.environment.dependencies,
    }),
    rollbackSteps: rollbackStepsOf({
      target,
      rollbackTarget,
      notes: [...crossed.notes, ...facts.notes],
    }),
    ...changedFiles(facts),
    authorship: facts.proof.source,
    ...listedCommits(facts.commits, { total: facts.totalCommits, limit }),
    rule,
    smoke: place.environment.smoke,
    watch: watchPlan(place.environment, facts),
    baseline,
    ...said(facts, crossed.warnings),
    power: detectionPower({ baseline, ...timing }),
    recall: facts.recall,
    timing,
    ...(facts.budget === null ? {} : { budget: facts.budget }),
    ...announced(facts),
    ...barriers(facts),
    plannedAt: new Date(now).toISOString(),
    notAfter: new Date(now + timing.expireMs).toISOString(),
  });
}

/**
 * Makes the texts of the plan safe to show. These are the texts of commits, hosts, platforms and
 * people. Settings from the worker's own configuration stay the same, because the deploy uses them.
 */
export const safeToShow = ({ target, watch, smoke, ...texts }: Plan): Plan => ({
  ...clean(texts),
  ...{ target, watch, smoke },
});

function costDemand(budget: PlanFacts['budget']) {
  const why = budget && taskDemand(budget);
  return why === null ? [] : [{ required: 1 as const, why }];
}

/** Returns the freeze windows from now until the latest possible end of the watch. */
const freezesOf = ({ config, request, now, timing, target }: PlanFacts) =>
  windowsBetween(config.freeze, request.environment, {
    from: now,
    to: now + timing.expireMs + needsOf({ target, timing }),
  });

/**
 * Returns the freeze windows and the stop that block this deploy. A deploy of the previous release
 * is not blocked.
 */
function barriers(facts: PlanFacts): Pick<Plan, 'freezeWindows' | 'stopped' | 'redeploysPrevious'> {
  if (facts.redeploysPrevious) return { redeploysPrevious: true };
  const [freezeWindows, { stopped }] = [freezesOf(facts), facts];
  return {
    ...(freezeWindows.length > 0 ? { freezeWindows } : {}),
    ...(stopped ? { stopped } : {}),
  };
}

/**
 * Returns the notes and warnings about migrations between the releases. If there is no rollback
 * target, there are no notes, because no rollback is possible.
 */
function crossedBy({ changes, rollbackTarget }: PlanFacts) {
  const { forwardOnly, declared } = crossing(changes);
  const notes = declared === null ? [] : [declaredNote(declared)];
  if (rollbackTarget === null) return { notes: [], warnings: [] };
  if (forwardOnly === null) return { notes, warnings: [] };
  const note = forwardOnlyNote({ forwardOnly });
  return { forwardOnly, notes: [note, ...notes], warnings: [note] };
}

function said(facts: PlanFacts, crossed: string[]) {
  const { dependencies, notes } = facts;
  const held = facts.stopped !== null || freezesOf(facts).length > 0;
  const back = facts.redeploysPrevious && held ? [redeploysPreviousNote] : [];
  const warnings = [
    ...(facts.config.builds?.isolation === 'none' ? [notIsolated] : []),
    ...back,
    ...crossed,
    ...notes,
    ...baselineNotes(facts),
    ...downBefore(dependencies),
    ...(warnsOfAuthors(facts.config, facts.proof.source) ? [unverifiedAuthors] : []),
  ];
  return {
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(dependencies.length > 0 ? { dependencies } : {}),
  };
}

/**
 * Returns two facts for the people who sign the plan: the changed files, and the address of the
 * page with the changes.
 */
function changedFiles({ config, place, changes, since, sha }: PlanFacts) {
  const files = filesByKind(changes);
  const { github } = place.project;
  const compare =
    config.github && github && since !== null
      ? `${pagesOf(config.github.api)}/${github}/compare/${since}...${sha}`
      : undefined;
  return {
    ...(files.length === 0 ? {} : { files }),
    ...(compare === undefined ? {} : { compare }),
  };
}

/** Returns the address of GitHub's pages. `api` is the address of GitHub's API. */
const pagesOf = (api: string) =>
  api === 'https://api.github.com' ? 'https://github.com' : api.replace(/\/api\/v3\/?$|\/$/, '');

/**
 * Removes the fields that a plan does not need. Only the choice of the rollback target needs the
 * staged releases (`ready` and `ids`). Only a gate needs `freeMb` and `canLock`.
 */
export function withoutReady({
  ready: _,
  ids: _ids,
  freeMb: _free,
  canLock: _lock,
  ...state
}: HostState): HostState {
  return state;
}

function announced({ config, place, request }: PlanFacts) {
  const { after } = place.environment;
  return {
    ...surroundings({ config, place, request }),
    ...(after === undefined ? {} : { after }),
    ...flagsOf(place.project),
  };
}

/**
 * Returns the people who are notified about a deploy of this place, and the way in which its branch
 * is reverted.
 */
export function surroundings({
  config,
  place,
  request,
}: Pick<PlanFacts, 'config' | 'place' | 'request'>) {
  const { github, branch, revert, paths, environments } = place.project;
  const { deployments, incidents } = config.slack ?? {};
  return {
    slack: deployments && incidents ? { deployments, incidents } : null,
    pages: Object.keys(config.page ?? {}),
    github: (config.github && github) ?? null,
    branch,
    revert,
    ...(paths ? { paths } : {}),
    ownsBranch: ownsBranch(request.environment, environments),
  };
}

const flagsOf = (project: Project): GateFlags =>
  Object.fromEntries(
    configuredGates.filter((gate) => project[gate] !== undefined).map((gate) => [gate, true]),
  );
