import type { KnownBlock } from '@slack/web-api';
import { plimsoll } from '../../domain/messages.ts';
import type { Plan, SealedPlan } from '../../domain/plan.ts';
import { forwardOnlyNote } from '../../domain/policy/forward-only.ts';
import { roleWords } from '../../domain/policy/roles.ts';
import { slackLine } from '../../domain/policy/slack-door.ts';
import type { Words } from './board.ts';
import { buttons } from './buttons.ts';
import { fitted, safe, section } from './words.ts';

const mostCommits = 10;
/** Each part is cut for itself: a long list of risks must not push the way back out of sight. */
const most = { line: 150, part: 900, loud: 3 };

const short = (sha: string) => sha.slice(0, 7);
const until = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
const isPull = ({ title }: { title: string }) => / \(#\d+\)$/.test(title);

/** Pull requests first, each once: they are what people reviewed. */
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
  const asked = `May ${project} ${environment} ship ${short(sha)} (${ref})?`;
  return reminder ? `Reminder: ${asked}` : asked;
}

function wayBack(plan: Plan): string {
  const { restoreTo, forwardOnly } = plan;
  if (!restoreTo) return 'Way back: NONE, this is the first deploy';
  if (plan.noReturn !== undefined) return `Way back: NONE, ${plan.noReturn}`;
  return forwardOnly === undefined
    ? `Way back: ${short(restoreTo.sha)}, restored by itself if it goes wrong`
    : `Way back: ${short(restoreTo.sha)}, ${forwardOnlyNote(plan)}`;
}

const listed = (name: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`${name}: ${lines.join('; ')}`];

/** What gates are open in spite of: who clicks has seen it. */
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
    ? [`its gates are open in spite of ${all.length} things, listed by ${where}`, ...shown]
    : shown;
}

/** What, why it may be risky, how it would go back, what would be noticed, who decides until when. */
function parts(sealed: SealedPlan): string[] {
  const { plan, digest } = sealed;
  const { rule } = plan;
  const slack = slackLine(plan);
  const need = `It needs ${rule.required} of ${rule.eligible.join(', ')}${roleWords(rule.roles)}`;
  return [
    `Asked by ${plan.requestedBy}: ${plan.reason}`,
    ...listed('Mind', loudOf(sealed)),
    ...listed('Mind', [...rule.reasons, ...(plan.warnings ?? [])]),
    wayBack(plan),
    ...listed('The watch can see', plan.power),
    `${need}; no answer by ${until(plan.notAfter)} closes it`,
    ...(slack ? [slack] : []),
    `Plan ${digest.slice(0, 12)}`,
  ].map((part) => fitted(safe(part), most.part));
}

const orders = ({ project, environment }: Plan) =>
  ['approve', 'reject'].map((verb) => `${plimsoll} ${verb} ${project} ${environment}`).join('\n');

/** Readable alone on a phone; where Slack is a door the buttons come below, else the very commands. */
export function requestWords(asking: Asking): Words {
  const { sealed } = asking;
  const { text, blocks } = requestBody(asking);
  const door = buttons(sealed);
  const commands = orders(sealed.plan);
  const last = door ? [door] : [section(`\`\`\`${commands}\`\`\``)];
  return { text: `${text}\n${commands}`, blocks: [...blocks, ...last] };
}

/** On a phone nobody reads a wall. */
const emphasized = (facts: string) =>
  facts.replace(/^(Mind|Way back|The watch can see):/gm, '*$1:*');

/** Without anything to press. */
export function requestBody(asking: Asking): Words {
  const { plan } = asking.sealed;
  const head = fitted(safe(headline(asking)), most.part);
  const [asked = '', ...more] = parts(asking.sealed);
  const facts = more.join('\n');
  const what = changes(plan);
  const blocks: KnownBlock[] = [
    section(`*${head}*\n${asked}`),
    ...(what ? [section(fitted(what))] : []),
    section(emphasized(fitted(facts))),
  ];
  return { text: [head, asked, ...(what ? [what] : []), facts].join('\n'), blocks };
}
