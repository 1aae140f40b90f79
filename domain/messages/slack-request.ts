import { plimsoll } from '../deploy/wire.ts';
import type { Plan, SealedPlan } from '../deploy/plan.ts';
import { forwardOnlyNote } from './migrations.ts';
import { roleWords } from './parts/roles.ts';
import { slackLine } from './slack-door.ts';
import { buttons } from './slack-buttons.ts';
import { fitted, safe, section } from './slack-blocks.ts';
import type { Block, Words } from './slack-blocks.ts';

const mostCommits = 10;
/**
 * The longest texts. Each part is cut separately, so that a long list of risks does not hide the
 * rollback target.
 */
const most = { line: 150, part: 900, loud: 3 };

const short = (sha: string) => sha.slice(0, 7);
const until = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
const isPull = ({ title }: { title: string }) => / \(#\d+\)$/.test(title);

/** The commits as a list. Pull requests come first, because people reviewed them. */
function changes({ commits: all, commitsLeftOut }: Plan): string {
  const named = all.map(({ sha, title, pull }) => ({ sha, title: pull ?? title }));
  const commits = named.filter(
    (one, at) => !isPull(one) || named.findIndex(({ title }) => title === one.title) === at,
  );
  const ordered = [...commits.filter(isPull), ...commits.filter((commit) => !isPull(commit))];
  const shown = ordered
    .slice(0, mostCommits)
    .map(({ sha, title }) => `• ${short(sha)} ${fitted(safe(title), most.line)}`);
  const rest = commits.length - shown.length + commitsLeftOut;
  return [...shown, ...(rest > 0 ? [`• and ${rest} more`] : [])].join('\n');
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

/** The lines of the request: its reason, its risks, its approvers and its time limit. */
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
    ...listed('The watch can detect', plan.power),
    `${need}; without an answer by ${until(plan.notAfter)} the deploy closes`,
    ...(slack ? [slack] : []),
    `Plan ${digest.slice(0, 12)}`,
  ].map((part) => fitted(safe(part), most.part));
}

const orders = ({ project, environment }: Plan) =>
  ['approve', 'reject'].map((verb) => `${plimsoll} ${verb} ${project} ${environment}`).join('\n');

/**
 * The approval request, with all facts for a decision on a phone. If clicks count, buttons follow
 * the text. If not, the exact commands follow the text.
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

/** The approval request without buttons and commands. */
export function requestBody(asking: Asking): Words {
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
