import { canonicalJson } from '../../domain/canonical.ts';
import { failures } from '../../domain/failures.ts';
import type { ApprovalRule, HostState, Plan } from '../../domain/plan.ts';
import { crossing } from '../../domain/policy/crossing.ts';
import { declaredNote, forwardOnlyNote } from '../../domain/policy/forward-only.ts';
import { demandsOf } from '../../domain/policy/demands.ts';
import { detectionPower } from '../../domain/policy/detection-power.ts';
import { listedCommits } from '../../domain/policy/listed-commits.ts';
import { downBefore } from '../../domain/policy/twin.ts';
import { needsOf, throughFreeze, windowsBetween } from '../../domain/policy/freeze.ts';
import { goesBackNote } from '../../domain/policy/goes-back.ts';
import { throughStop } from '../../domain/policy/stop.ts';
import { ownsBranch } from '../../domain/policy/owns-branch.ts';
import { taskDemand } from '../../domain/policy/budget.ts';
import { decideRule } from '../../domain/policy/rule.ts';
import { stepsOf, undoOf } from '../../domain/policy/words.ts';
import { final } from '../lib/fail.ts';
import { baselineNotes } from './choose-baseline.ts';
import type { PlanFacts } from './gather.ts';
import { deployIdOf } from './request.ts';
import { watchPlan } from './watch-plan.ts';

/** The plan lies in a memo and in every activity's input. */
export const mostPlanBytes = 12 * 1024;

/** Pure. Final misconfigured: a rule that nobody can meet, or a plan too large for the memo. */
export function assemble(facts: PlanFacts): Plan {
  const rule = ruleOf(facts);
  const limits = [50, 40, 30, 20, 10, 5, 0];
  const plans = limits.map((limit) => () => planOf(facts, rule, limit));
  for (const make of plans) {
    const plan = make();
    if (Buffer.byteLength(canonicalJson(plan)) <= mostPlanBytes) return plan;
  }
  throw final(
    failures.misconfigured,
    `The plan of ${facts.request.project} ${facts.request.environment} is larger than 12 KB and cannot be approved.\n` +
      'Give the environment fewer hosts, or a shorter "prepare", in plimsoll.yaml.',
  );
}

function ruleOf(facts: PlanFacts): ApprovalRule {
  const { config, request, place, commits, totalCommits, offBranch } = facts;
  const { restoreTo, noReturn } = facts;
  const decided = decideRule({
    environment: request.environment,
    override: place.environment.approvers,
    commits,
    unknownCommits: Math.max(0, totalCommits - commits.length),
    approvers: config.approvers,
    requesters: config.requesters,
    requestedBy: request.requestedBy,
    bots: config.bots,
    solo: config.solo,
    slack: config.slack?.approvals?.suffices,
    firstDeploy: restoreTo === null && noReturn === null,
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
    `Nobody configured can approve ${request.project} ${request.environment}: ${decided.impossible.join('; ')}.\n` +
      'Nothing was touched. Change plimsoll.yaml, start the worker again, and deploy again.',
  );
}

const whatItGoesThrough = (facts: PlanFacts) =>
  facts.goesBack
    ? []
    : [throughFreeze(freezesOf(facts)), throughStop(facts.stopped)].filter((why) => why !== null);

function planOf(facts: PlanFacts, rule: ApprovalRule, limit: number): Plan {
  const { request, place, now, timing, sha, target, restoreTo, baseline } = facts;
  const { project, environment, ref, requestedBy, reason, priority } = request;
  const crossed = crossedBy(facts);
  const { forwardOnly } = crossed;
  return {
    deployId: deployIdOf(request),
    ...{ project, environment, ref, sha, requestedBy, reason, priority },
    release: facts.release,
    target,
    live: facts.live.map(withoutReady),
    restoreTo,
    ...(facts.noReturn === null ? {} : { noReturn: facts.noReturn }),
    ...(forwardOnly === undefined ? {} : { forwardOnly }),
    lastProven: facts.lastProven,
    steps: stepsOf({
      ...{ sha, target, timing, forwardOnly },
      dependencies: place.environment.dependencies,
    }),
    undo: undoOf({ target, restoreTo, notes: [...crossed.notes, ...facts.notes] }),
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
  };
}

function costDemand(budget: PlanFacts['budget']) {
  const why = budget && taskDemand(budget);
  return why === null ? [] : [{ required: 1 as const, why }];
}

/** From now until the last moment at which this could still be without its verdict. */
const freezesOf = ({ config, request, now, timing, target }: PlanFacts) =>
  windowsBetween(config.freeze, request.environment, {
    from: now,
    to: now + timing.expireMs + needsOf({ target, timing }),
  });

/** What holds whatever is new. */
function barriers(facts: PlanFacts): Pick<Plan, 'freezes' | 'stopped' | 'goesBack'> {
  if (facts.goesBack) return { goesBack: true };
  const [freezes, { stopped }] = [freezesOf(facts), facts];
  return { ...(freezes.length > 0 ? { freezes } : {}), ...(stopped ? { stopped } : {}) };
}

/** Where nothing can go back anyway, nobody has to be told. */
function crossedBy({ changes, restoreTo }: PlanFacts) {
  const { forwardOnly, declared } = crossing(changes);
  const notes = declared === null ? [] : [declaredNote(declared)];
  if (restoreTo === null) return { notes: [], warnings: [] };
  if (forwardOnly === null) return { notes, warnings: [] };
  const note = forwardOnlyNote({ forwardOnly });
  return { forwardOnly, notes: [note, ...notes], warnings: [note] };
}

function said(facts: PlanFacts, crossed: string[]) {
  const { dependencies, notes } = facts;
  const held = facts.stopped !== null || freezesOf(facts).length > 0;
  const back = facts.goesBack && held ? [goesBackNote] : [];
  const warnings = [
    ...back,
    ...crossed,
    ...notes,
    ...baselineNotes(facts),
    ...downBefore(dependencies),
  ];
  return {
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(dependencies.length > 0 ? { dependencies } : {}),
  };
}

/** Only the way back needs to know what else is staged, and only the gate what is free. */
function withoutReady({
  ready: _,
  ids: _ids,
  freeMb: _free,
  canLock: _lock,
  ...state
}: HostState): HostState {
  return state;
}

function announced({ config, place, request }: PlanFacts) {
  const { github, branch, revert, paths, environments, audit } = place.project;
  const { after } = place.environment;
  const { deployments, incidents } = config.slack ?? {};
  return {
    slack: deployments && incidents ? { deployments, incidents } : null,
    pages: Object.keys(config.page ?? {}),
    github: (config.github && github) ?? null,
    branch,
    revert,
    ...(paths ? { paths } : {}),
    ownsBranch: ownsBranch(request.environment, environments),
    ...(after === undefined ? {} : { after }),
    ...(audit ? { audit: true as const } : {}),
  };
}
