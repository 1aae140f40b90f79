import type { Plan, SealedPlan } from '../domain/plan.ts';
import { inDollars } from '../domain/policy/money.ts';
import { contractOf } from '../domain/policy/contract.ts';
import type { When } from '../domain/policy/contract.ts';
import { slackLine } from '../domain/policy/slack-door.ts';
import { roleWords } from '../domain/policy/roles.ts';
import { sitesOf } from '../domain/policy/sites.ts';
import { whereOf } from '../domain/policy/words.ts';
import { clean } from './clean.ts';
import { renderGates } from './render-parts.ts';
import { liveBefore } from './render.ts';
import type { View } from './render.ts';
import { clock, row, short } from './words.ts';

const block = (name: string, lines: string[]) =>
  lines.map((line, index) => row(index === 0 ? name : '', line));

/** Everything that an approver signs, and what is shown beside it. */
export function renderPlan(sealedPlan: SealedPlan, { paint }: Pick<View, 'paint'>): string {
  const { plan, gates, digest } = clean(sealedPlan);
  return [
    paint.bold(`${plan.project} ${plan.environment}: ${short(plan.sha)} for ${plan.requestedBy}`),
    ...block('look out', (plan.warnings ?? []).map(paint.warn)),
    row('why', `${plan.reason}${plan.priority === 'P0' ? paint.warn(' (P0)') : ''}`),
    row('commit', `${plan.sha} (${plan.ref})`),
    row('release', `${plan.release.id}, live now ${liveBefore({ plan, gates, digest })}`),
    ...block('commits', commitLines(plan)),
    ...block('where', whereLines(plan)),
    ...block('steps', numbered(plan.steps)),
    ...block('way back', wayBack(plan)),
    ...block('writes', effectLines(plan, ['forward'])),
    ...block('on failure', effectLines(plan, ['trouble', 'after'])),
    ...block('asks', probeLines(plan)),
    row('on main', mainLine(plan)),
    row('page', plan.pages?.length ? plan.pages.join(', ') : paint.warn(noPage)),
    ...renderGates(gates, paint),
    ...costRow(plan),
    ...block('approval', approvalLines(plan)),
    ...block(
      'smoke',
      Object.entries(plan.smoke).map(([path, what]) => `${path}: ${what}`),
    ),
    ...block('watch', watchLines(plan)),
    ...block('recall', recallLines(plan)),
    row('digest', `${paint.bold(digest.slice(0, 8))}${digest.slice(8)}`),
  ].join('\n');
}

const costRow = ({ budget }: Plan) => {
  if (!budget) return [];
  const { estimate, limits } = budget;
  const about = estimate === null ? 'nothing says what it costs' : `about ${inDollars(estimate)}`;
  return [row('cost', `${about}; more than ${inDollars(limits.task)} needs a human`)];
};

const noPage = 'NOBODY can be called if this gets stuck: add page: to plimsoll.yaml';

const numbered = (steps: string[]) => steps.map((step, index) => `${index + 1}. ${step}`);

const commitLines = ({ commits, commitsLeftOut }: Plan) => [
  ...commits.map(({ sha, title, emails }) => `${short(sha)} ${title} <${emails.join(', ')}>`),
  ...(commitsLeftOut > 0 ? [`and ${commitsLeftOut} more`] : []),
];

const whereLines = ({ target }: Plan) => [
  ...sitesOf(target).map(({ name, url }) => `${name} (${url})`),
  ...whereOf(target),
];

function wayBack({ restoreTo, undo, lastProven }: Plan): string[] {
  if (!restoreTo) return ['none: this is the first release, a failure of it pages a person'];
  const proven = lastProven
    ? lastProven.id === restoreTo.id
      ? 'the last that was proven'
      : `last proven was ${short(lastProven.sha)}`
    : 'none was proven yet';
  return [`to ${short(restoreTo.sha)} (${restoreTo.id}), ${proven}`, ...numbered(undo)];
}

/** One line a place: nothing else is written. */
function effectLines(plan: Plan, when: When[]): string[] {
  const effects = contractOf(plan).effects.filter((effect) => when.includes(effect.when));
  const places = [...new Set(effects.map(({ where }) => where))];
  return places.map((place) => {
    const there = effects.filter(({ where }) => where === place);
    return `${place}: ${[...new Set(there.map(({ what }) => what))].join('; ')}`;
  });
}

const probeLines = (plan: Plan) =>
  contractOf(plan).probes.map(({ url, what }) => `${what}: ${url}`);

const mainLine = ({ revert, ownsBranch, branch }: Plan) =>
  ownsBranch && revert === 'push'
    ? `${branch} is reverted if the release is to blame`
    : `${branch} is never reverted`;

function approvalLines(plan: Plan): string[] {
  const { rule, notAfter, restoreTo } = plan;
  if (rule.required === 0) return ['none needed', ...rule.reasons];
  const first = restoreTo ? '' : ', for a first release';
  const solo = rule.solo === 'off' ? [] : [`solo mode: ${rule.solo}`];
  const whom = `${rule.eligible.join(', ')}${roleWords(rule.roles)}`;
  const who = `${rule.required} of ${whom}${first}, before ${clock(notAfter)}`;
  const slack = slackLine(plan);
  return [who, ...rule.reasons, ...solo, ...(slack ? [slack] : [])];
}

const watchLines = ({ watch, power, baseline, dependencies }: Plan) => [
  ...watch.sources.map(({ name, required }) => `${name}, ${required ? 'required' : 'advisory'}`),
  `${watch.plannedLooks} looks; without a proof either way: ${watch.onAsk}`,
  ...beforeLines({ watch, baseline }),
  ...dependencyLines(watch.dependencies, dependencies),
  ...power,
];

function beforeLines({ watch, baseline }: Pick<Plan, 'watch' | 'baseline'>): string[] {
  if (!baseline) return ['no baseline'];
  const unit = watch.accessLog === null ? 'seconds' : 'requests';
  const whose = baseline.of ? `, when ${short(baseline.of)} was proven` : '';
  return [`before: ${baseline.errors} errors in ${baseline.requests} ${unit}${whose}`];
}

const dependencyLines = (declared: string[] = [], reports: Plan['dependencies'] = []) =>
  declared.map((url) => {
    const report = reports.find((one) => one.url === url);
    const state = report ? `${report.ok ? 'up' : 'DOWN'}, ${report.detail}` : 'not asked';
    return `if ${url} goes down, a person is asked instead of going back (now ${state})`;
  });

const recallLines = ({ recall }: Plan) => [
  recall.lastOutcome ? `last: ${recall.lastOutcome} ${short(recall.lastSha)}` : 'no deploy before',
  ...recall.openIncidents.map((incident) => `open incident: ${incident}`),
];
