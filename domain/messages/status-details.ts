import { plimsoll } from '../deploy/wire.ts';
import type { DeployStatus, AvailableAction, Next, Plan } from '../deploy/plan.ts';
import { availableActions, signals } from '../actions/available-actions.ts';
import { flagWords } from './parts/flag.ts';
import { plainMarkdown } from './parts/markdown.ts';
import { roleWords } from './parts/roles.ts';
import { proofLines } from './rollback-proof.ts';
import type { FirstLine } from './status.ts';
import { requestWords } from './supersede.ts';

type Status = Omit<DeployStatus, keyof FirstLine>;

/**
 * Finds the parts of a text that must be shown as code, because the Web UI turns "--" in other text
 * into a dash. These parts are a command of Plimsoll, a quoted text with "--", and an option. Two
 * hyphens without a name are an option too. No part contains a backtick.
 */
const codePart = [
  `${plimsoll}(?: [\\w.-]*\\w)+`,
  '"[^"`\\n]*--[^"`\\n]*"',
  '(?<![\\w-])--(?:[A-Za-z][\\w-]*(?:=[^\\s`"\',;)]*[^\\s`"\',;).:])?)?(?![\\w-])',
].join('|');

/** Marks the code in a text of Plimsoll. The text may contain Markdown, also code. */
const asCode = (text: string) =>
  text.replace(new RegExp(`\`[^\`]*\`|${codePart}`, 'g'), (part) =>
    part.startsWith('`') ? part : `\`${part}\``,
  );

/** Marks the code in a text that may contain texts of other people. Escapes all other parts. */
const shown = (text: string) =>
  text
    .split(new RegExp(`(${codePart})`))
    .map((part, at) => (at % 2 === 0 ? plainMarkdown(part) : `\`${part}\``))
    .join('');

/**
 * Empty lines for the end of a text. The Web UI hides the last lines of a text. Without these empty
 * lines, the Web UI would hide content.
 */
const cutOff = '\n\n\u00a0\n\n\u00a0';

/** The empty line after the title is needed: without it, the Web UI shows no list. */
const list = (title: string, lines: readonly string[]) =>
  lines.length > 0 ? [`**${title}**`, '', ...lines.map((line) => `- ${line}`)] : [];

/**
 * Returns a list of texts that may contain texts of other people. They never become links or
 * pictures.
 */
const section = (title: string, lines: readonly string[]) => list(title, lines.map(shown));

const mayApprove = ({ rule }: Plan) => `${rule.eligible.join(', ')}${roleWords(rule.roles)}`;

/** Returns the first line and all details below it, as Markdown for the Web UI. */
export function sagaDetails(status: Status, line: FirstLine): string {
  const { watch, smoke, sealed, cause } = status;
  const head =
    `**live now:** ${shown(line.liveNow)} · **waiting for:** ${shown(line.waitingFor)} · ` +
    `**do this:** ${shown(line.doThis)}`;
  const parts = [
    [head],
    list('In this Web UI', byWebUi(status).map(asCode)),
    section('Cause', cause ? [`${cause.kind}: ${cause.detail}`] : []),
    section(
      'Flags',
      (status.flags ?? []).map((flag) => `${flag.at}: ${flagWords(flag)}`),
    ),
    section('Gates', gateLines(status)),
    section('May approve', sealed ? [mayApprove(sealed.plan)] : []),
    section('Decisions', status.rulings.slice(-10).map(rulingLine)),
    section('Requests for this place', (status.requests ?? []).slice(-5).map(requestWords)),
    section('Smoke', smoke?.checks.map((c) => `${c.path}: ${c.outcome}: ${c.detail}`) ?? []),
    section('Proof of the rollback', proofLines(status.proof)),
    section(
      'Watch',
      watch ? [`${watch.verdict} after ${watch.samples} samples`, ...watch.reasons] : [],
    ),
  ];
  const details = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return details.join('\n\n').slice(0, 16_000) + cutOff;
}

const noInput = (names: readonly string[], effect: string) =>
  `signal ${names.map((name) => `\`${name}\``).join(' or ')} without input: ${effect}`;

/**
 * Lists the signals that a person can send by More Actions → Send a Signal, each with its current
 * effect.
 */
function byWebUi(status: Status): string[] {
  const { actions } = availableActions(status);
  const back = actions.filter(({ way, by }) => way === 'back' && by === 'anybody');
  const verbs = back.map(({ verb }) => verb).toSorted((a, b) => b.localeCompare(a));
  const [to] = back[0]?.to ?? [];
  return [
    ...(actions.some(({ way }) => way === 'again')
      ? [noInput(['retry'], 'try the step again')]
      : []),
    ...signedLines(status, actions),
    ...(to
      ? [
          noInput(
            verbs,
            effects[to] ?? 'give up: the deploy ends, but its outcome is missing in the ledger',
          ),
        ]
      : []),
  ];
}

const effects: Partial<Record<Next, string>> = {
  rollback: 'roll back the release',
  'awaiting-rollback-approval': 'stop here; the rollback must be signed',
  'closed: aborted': 'end the deploy; nothing was touched',
  'closed: rollback-not-approved': 'end the deploy; the release stays live',
  'closed: rollback-failed': 'give up; a person fixes the hosts',
};

/**
 * Returns the line about signed decisions. It has two commands if the rollback needs a signature
 * too.
 */
function signedLines(
  { project, environment }: Status,
  actions: readonly AvailableAction[],
): string[] {
  const printed = (verb: string) => `${plimsoll} ${verb} ${project} ${environment} --print`;
  const yes = actions.find(({ way, verb }) => way === 'forward' && signals[verb] === 'decide');
  if (!yes) return [];
  const signs = actions.find(({ way }) => way === 'back')?.verb === 'reject';
  const both = yes.verb === 'keep' && signs;
  const answers = both
    ? `${printed('keep')} (the release stays) or ${printed('reject')} (rollback)`
    : printed(yes.verb);
  return [`signal \`decide\`, its input is the output of this command: ${answers}`];
}

function gateLines({ gates }: Status): string[] {
  return gates.map(({ gate, open, reasons }) =>
    `${gate}: ${open ? 'open' : 'CLOSED'}: ${reasons.join('; ')}`.slice(0, 600),
  );
}

const rulingLine = ({ decision, approver, verdict, why }: DeployStatus['rulings'][number]) =>
  `${decision} by ${approver}: ${verdict}: ${why}`.slice(0, 300);
