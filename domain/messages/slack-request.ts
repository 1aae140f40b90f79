import { plimsoll } from '../deploy/wire.ts';
import type { Plan, SealedPlan } from '../deploy/plan.ts';
import { forwardOnlyNote } from './migrations.ts';
import { byPull, filesLine } from './parts/changes.ts';
import type { PullCommits } from './parts/changes.ts';
import { clean } from './parts/clean.ts';
import { roleWords } from './parts/roles.ts';
import { slackLine } from './slack-door.ts';
import { buttons } from './slack-buttons.ts';
import { fitted, safe, section } from './slack-blocks.ts';
import type { Block, Words } from './slack-blocks.ts';

const mostLines = 10;
const mostShas = 3;
/**
 * The greatest lengths of the parts, in characters. Each part is cut separately. So a long list of
 * risks does not hide the rollback target.
 */
const most = { line: 150, part: 900, loud: 3 };

const short = (sha: string) => sha.slice(0, 7);
const until = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
const commitsOf = ({ shas }: PullCommits) => {
  const more = shas.length > mostShas ? ` and ${shas.length - mostShas} more` : '';
  return `${shas.slice(0, mostShas).map(short).join(', ')}${more}`;
};

const by = ({ author }: PullCommits) => (author === null ? '' : ` by ${author}`);

/**
 * Returns the changes as a list: first the pull requests, which GitHub names, then all other
 * commits. A commit without a line of its own is only counted.
 */
function changes({ commits, commitsLeftOut }: Plan): string {
  const { pulls, others } = byPull(commits);
  const shown = pulls.slice(0, mostLines);
  const single = others.slice(0, mostLines - shown.length);
  const hidden = pulls.slice(mostLines).reduce((sum, { shas }) => sum + shas.length, 0);
  const rest = hidden + others.length - single.length + commitsLeftOut;
  const line = (text: string) => `• ${fitted(safe(text), most.line)}`;
  return [
    ...(shown.length > 0 ? ['Pull requests (from GitHub):'] : []),
    ...shown.map((pull) => line(`#${pull.number} ${pull.title}${by(pull)}: ${commitsOf(pull)}`)),
    ...(single.length > 0
      ? [`${shown.length > 0 ? 'Other commits' : 'Commits'} (titles by their authors):`]
      : []),
    ...single.map(({ sha, title }) => line(`${short(sha)} ${title}`)),
    ...(rest > 0 ? [`• and ${rest} more ${rest === 1 ? 'commit' : 'commits'}`] : []),
  ].join('\n');
}

export type Asking = { sealed: SealedPlan; reminder: boolean };

function headline({ sealed, reminder }: Asking): string {
  const { project, environment, sha, ref } = sealed.plan;
  const asked = `May ${short(sha)} (${ref}) be deployed to ${project} ${environment}?`;
  return reminder ? `Reminder: ${asked}` : asked;
}

function rollbackLines(plan: Plan): string {
  const { rollbackTarget, forwardOnly } = plan;
  if (!rollbackTarget) return 'Rollback: NONE, this is the first deploy';
  if (plan.noReturn !== undefined) return `Rollback: NONE, ${plan.noReturn}`;
  return forwardOnly === undefined
    ? `Rollback: to ${short(rollbackTarget.sha)}, automatic if the release fails`
    : `Rollback: to ${short(rollbackTarget.sha)}, ${forwardOnlyNote(plan)}`;
}

const listed = (name: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`${name}: ${lines.join('; ')}`];

/** Problems that did not close their gates. People must see these problems before they click. */
function loudOf({ gates, plan }: SealedPlan): string[] {
  const all = gates.flatMap(({ gate, reasons, loud = 0 }) =>
    reasons
      .slice(0, loud)
      .map((reason) => `${gate}: ${fitted(reason, most.part / most.loud - 40)}`),
  );
  const rest = all.length - most.loud;
  const shown = all.slice(0, most.loud);
  const where = `${plimsoll} status ${plan.project} ${plan.environment}`;
  return rest > 0
    ? [`the gates are open despite ${all.length} problems (to see all: ${where})`, ...shown]
    : shown;
}

/** Returns the lines of the request: its reason, its risks, its approvers and its time limit. */
function parts(sealed: SealedPlan): string[] {
  const { plan, digest } = sealed;
  const { rule } = plan;
  const slack = slackLine(plan);
  const need = `Approvals: ${rule.required} of ${rule.eligible.join(', ')}${roleWords(rule.roles)}`;
  return [
    `Requested by ${plan.requestedBy}: ${plan.reason}`,
    ...listed('Note', loudOf(sealed)),
    ...listed('Note', [...rule.reasons, ...(plan.warnings ?? [])]),
    rollbackLines(plan),
    ...listed('Changed files', (plan.files ?? []).map(filesLine)),
    ...(plan.compare === undefined ? [] : [`Compare: ${plan.compare}`]),
    ...listed('The watch can detect', plan.power),
    `${need}; without an answer by ${until(plan.notAfter)} the deploy closes`,
    ...(slack ? [slack] : []),
    `Plan ${digest.slice(0, 12)}`,
  ].map((part) => fitted(safe(part), most.part));
}

const orders = ({ project, environment }: Plan) =>
  ['approve', 'reject'].map((verb) => `${plimsoll} ${verb} ${project} ${environment}`).join('\n');

/**
 * Returns the approval request, with all facts for a decision on a phone. If clicks count, buttons
 * follow the text. If not, the exact commands follow the text.
 */
export function requestWords(asking: Asking): Words {
  const { sealed } = asking;
  const { text, blocks } = requestBody(asking);
  const door = buttons(sealed);
  const commands = orders(sealed.plan);
  const last = door ? [door] : [section(`\`\`\`${commands}\`\`\``)];
  return { text: `${text}\n${commands}`, blocks: [...blocks, ...last] };
}

/** Makes the labels bold, because people read the request on a phone. */
const emphasized = (facts: string) =>
  facts.replace(/^(Note|Rollback|The watch can detect):/gm, '*$1:*');

/** Returns the approval request without buttons and commands. */
export function requestBody({ sealed, reminder }: Asking): Words {
  const asking = { sealed: clean(sealed), reminder };
  const { plan } = asking.sealed;
  const head = fitted(safe(headline(asking)), most.part);
  const [asked = '', ...more] = parts(asking.sealed);
  const facts = more.join('\n');
  const what = changes(plan);
  const blocks: Block[] = [
    section(`*${head}*\n${asked}`),
    ...(what ? [section(fitted(what))] : []),
    section(emphasized(fitted(facts))),
  ];
  return { text: [head, asked, ...(what ? [what] : []), facts].join('\n'), blocks };
}
