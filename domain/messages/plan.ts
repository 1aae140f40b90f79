import type { Plan, SealedPlan } from '../deploy/plan.ts';
import { declaredEffectsOf } from '../platforms/declared-effects.ts';
import type { When } from '../platforms/platform.ts';
import { inDollars } from '../lib/money.ts';
import { sitesOf } from '../platforms/sites.ts';
import { whereOf } from '../platforms/words.ts';
import { authorsLine } from './parts/authors.ts';
import { byPull, filesLine } from './parts/changes.ts';
import { roleWords } from './parts/roles.ts';
import { slackLine } from './slack-door.ts';
import { clean } from './parts/clean.ts';
import { renderGates } from './screen-parts.ts';
import { liveBefore } from './screen.ts';
import type { View } from './screen.ts';
import { clock, row, short } from './parts/format.ts';
import { unreadWords } from './parts/numbers.ts';

const block = (name: string, lines: string[]) =>
  lines.map((line, index) => row(index === 0 ? name : '', line));

/**
 * Returns the screen of the command `plan`. It shows everything that an approver signs, and further
 * facts.
 */
export function renderPlan(sealedPlan: SealedPlan, { paint }: Pick<View, 'paint'>): string {
  const { plan, gates, digest } = clean(sealedPlan);
  return [
    paint.bold(`${plan.project} ${plan.environment}: ${short(plan.sha)} for ${plan.requestedBy}`),
    ...block('warnings', (plan.warnings ?? []).map(paint.warn)),
    row('why', `${plan.reason}${plan.priority === 'P0' ? paint.warn(' (P0)') : ''}`),
    row('commit', `${plan.sha} (${plan.ref})`),
    row('release', `${plan.release.id}, live now ${liveBefore({ plan, gates, digest })}`),
    ...block('commits', commitLines(plan)),
    ...block('pulls', pullLines(plan)),
    ...block('files', (plan.files ?? []).map(filesLine)),
    ...(plan.compare === undefined ? [] : [row('compare', plan.compare)]),
    row('authors', authorsRow(plan, paint)),
    ...block('where', whereLines(plan)),
    ...block('steps', numbered(plan.steps)),
    ...block('rollback', rollbackLines(plan)),
    ...block('writes', effectLines(plan, ['forward'])),
    ...block('on failure', effectLines(plan, ['trouble', 'after'])),
    ...block('probes', probeLines(plan)),
    row('revert', mainLine(plan)),
    row('page', plan.pages?.length ? plan.pages.join(', ') : paint.warn(noPage)),
    ...renderGates(gates, paint),
    ...costRow(plan),
    ...block('approval', approvalLines(plan)),
    ...block(
      'smoke',
      Object.entries(plan.smoke).map(([path, what]) => `${path}: ${what}`),
    ),
    ...block('watch', watchLines(plan)),
    ...block('history', recallLines(plan)),
    row('digest', `${paint.bold(digest.slice(0, 8))}${digest.slice(8)}`),
  ].join('\n');
}

const costRow = ({ budget }: Plan) => {
  if (!budget) return [];
  const { estimate, limits } = budget;
  const about = estimate === null ? 'the cost is not configured' : `about ${inDollars(estimate)}`;
  return [row('cost', `${about}; above ${inDollars(limits.task)}, a person must approve`)];
};

const noPage = 'NOBODY can be paged if the deploy gets stuck: add "page" to plimsoll.yaml';

const numbered = (steps: string[]) => steps.map((step, index) => `${index + 1}. ${step}`);

const commitLines = ({ commits, commitsLeftOut }: Plan) => [
  ...commits.map(({ sha, title, emails }) => `${short(sha)} ${title} <${emails.join(', ')}>`),
  ...(commitsLeftOut > 0 ? [`and ${commitsLeftOut} more`] : []),
];

/**
 * Returns the facts that an approver must read, on two or three lines directly above the question.
 */
export function briefOf(sealed: SealedPlan): string {
  const shown = clean(sealed);
  const { plan } = shown;
  const { commits, commitsLeftOut, files = [], compare } = plan;
  const count = commits.length + commitsLeftOut;
  const title = commits[0]?.title;
  const total = files.reduce((sum, one) => sum + one.files, 0);
  const kinds = files.map((one) => `${one.files} ${one.kind}`).join(', ');
  return [
    `${plan.project} ${plan.environment}: ${short(plan.sha)}${title === undefined ? '' : ` "${title}"`}, ` +
      `live now ${liveBefore(shown)}`,
    `${count} ${count === 1 ? 'commit' : 'commits'}, ${total} changed ${total === 1 ? 'file' : 'files'}${kinds === '' ? '' : `: ${kinds}`}`,
    ...(compare === undefined ? [] : [`Read the changes: ${compare}`]),
  ].join('\n');
}

/**
 * Returns one line for each pull request that GitHub names. A title of a commit never makes such a
 * line.
 */
const pullLines = ({ commits }: Plan) =>
  byPull(commits).pulls.map(
    ({ number, title, author, shas }) =>
      `#${number} ${title}${author === null ? '' : ` by ${author}`}: ${shas.map(short).join(', ')}`,
  );

const authorsRow = ({ authorship }: Plan, paint: View['paint']) =>
  authorship === 'git' ? paint.warn(authorsLine[authorship]) : authorsLine[authorship];

const whereLines = ({ target }: Plan) => [
  ...sitesOf(target).map(({ name, url }) => `${name} (${url})`),
  ...whereOf(target),
];

function rollbackLines({ rollbackTarget, rollbackSteps, lastProven, noReturn }: Plan): string[] {
  if (!rollbackTarget)
    return [`none: ${noReturn ?? 'this is the first release'}; if it fails, a person is paged`];
  const proven = lastProven
    ? lastProven.id === rollbackTarget.id
      ? 'the last proven release'
      : `last proven was ${short(lastProven.sha)}`
    : 'no release was proven yet';
  return [
    `to ${short(rollbackTarget.sha)} (${rollbackTarget.id}), ${proven}`,
    ...numbered(rollbackSteps),
  ];
}

/**
 * Returns one line for each host, service or channel that the deploy may change. The deploy can
 * change nothing else.
 */
function effectLines(plan: Plan, when: When[]): string[] {
  const effects = declaredEffectsOf(plan).effects.filter((effect) => when.includes(effect.when));
  const places = [...new Set(effects.map(({ where }) => where))];
  return places.map((place) => {
    const there = effects.filter(({ where }) => where === place);
    return `${place}: ${[...new Set(there.map(({ what }) => what))].join('; ')}`;
  });
}

const probeLines = (plan: Plan) =>
  declaredEffectsOf(plan).probes.map(({ url, what }) => `${what}: ${url}`);

const mainLine = ({ revert, ownsBranch, branch }: Plan) =>
  ownsBranch && revert === 'push'
    ? `${branch} is reverted if the release is to blame`
    : `${branch} is never reverted`;

function approvalLines(plan: Plan): string[] {
  const { rule, notAfter, rollbackTarget, noReturn } = plan;
  if (rule.required === 0) return ['none needed', ...rule.reasons];
  const first = rollbackTarget || noReturn !== undefined ? '' : ', for a first release';
  const solo = rule.solo === 'off' ? [] : [`solo mode: ${rule.solo}`];
  const whom = `${rule.eligible.join(', ')}${roleWords(rule.roles)}`;
  const who = `${rule.required} of ${whom}${first}, before ${clock(notAfter)}`;
  const slack = slackLine(plan);
  return [who, ...rule.reasons, ...solo, ...(slack ? [slack] : [])];
}

const watchLines = ({ watch, power, baseline, dependencies }: Plan) => [
  ...watch.sources.map(({ name, required }) => `${name}, ${required ? 'required' : 'advisory'}`),
  `${watch.plannedSamples} samples; if inconclusive: ${watch.onInconclusive}`,
  ...beforeLines({ watch, baseline }),
  ...dependencyLines(watch.dependencies, dependencies),
  ...power,
];

function beforeLines({ watch, baseline }: Pick<Plan, 'watch' | 'baseline'>): string[] {
  if (!baseline) return ['no baseline'];
  const unit = watch.accessLog === null ? 'seconds' : 'requests';
  const whose = baseline.of ? `, when ${short(baseline.of)} was proven` : '';
  const missed = unreadWords(baseline.unread);
  return [
    `before the deploy: ${baseline.errors} errors in ${baseline.requests} ${unit}${whose}${missed}`,
  ];
}

const dependencyLines = (declared: string[] = [], reports: Plan['dependencies'] = []) =>
  declared.map((url) => {
    const report = reports.find((one) => one.url === url);
    const state = report ? `${report.ok ? 'up' : 'DOWN'}, ${report.detail}` : 'not asked';
    return `if ${url} goes down, a person decides about the rollback (now ${state})`;
  });

const recallLines = ({ recall }: Plan) => [
  recall.lastOutcome ? `last: ${recall.lastOutcome} ${short(recall.lastSha)}` : 'no earlier deploy',
  ...recall.openIncidents.map((incident) => `open incident: ${incident}`),
];
