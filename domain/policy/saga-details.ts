import { plimsoll } from '../messages.ts';
import type { DeployStatus, Exit, Next, Plan } from '../plan.ts';
import { exits, signals } from './exits.ts';
import { flagWords } from './flag.ts';
import { roleWords } from './roles.ts';
import type { FirstLine } from './saga.ts';
import { requestWords } from './supersede.ts';

type Status = Omit<DeployStatus, keyof FirstLine>;

/** The Web UI turns "--" into a dash outside of code: a command must stay as it is typed. */
const asCode = (text: string) =>
  text.replace(new RegExp(`${plimsoll}(?: [\\w.-]*\\w)+`, 'g'), (command) => `\`${command}\``);

/** The Web UI cuts off the last lines of its frame: let them be empty. */
const cutOff = '\n\n\u00a0\n\n\u00a0';

/** The Web UI makes no list of lines that follow their title directly. */
const section = (title: string, lines: readonly string[]) =>
  lines.length > 0 ? [`**${title}**`, '', ...lines.map((line) => `- ${asCode(line)}`)] : [];

const mayApprove = ({ rule }: Plan) => `${rule.eligible.join(', ')}${roleWords(rule.roles)}`;

/** Everything that stands behind the first line, as Markdown for the Web UI. */
export function sagaDetails(status: Status, line: FirstLine): string {
  const { watch, smoke, sealed, cause } = status;
  const head =
    `**live now:** ${line.liveNow} · **waiting for:** ${asCode(line.waitingFor)} · ` +
    `**do this:** ${asCode(line.doThis)}`;
  const parts = [
    [head],
    section('In this Web UI', byWebUi(status)),
    section('Cause', cause ? [`${cause.kind}: ${cause.detail}`] : []),
    section(
      'Flags',
      (status.flags ?? []).map((flag) => `${flag.at}: ${flagWords(flag)}`),
    ),
    section('Gates', gateLines(status)),
    section('May approve', sealed ? [mayApprove(sealed.plan)] : []),
    section('Decisions', status.rulings.slice(-10).map(rulingLine)),
    section('Asked for its slot', (status.requests ?? []).slice(-5).map(requestWords)),
    section('Smoke', smoke?.checks.map((c) => `${c.path}: ${c.outcome}: ${c.detail}`) ?? []),
    section(
      'Watch',
      watch ? [`${watch.verdict} after ${watch.looks} looks`, ...watch.reasons] : [],
    ),
  ];
  const details = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return details.join('\n\n').slice(0, 16_000) + cutOff;
}

const noInput = (names: readonly string[], effect: string) =>
  `signal ${names.map((name) => `\`${name}\``).join(' or ')} without input: ${effect}`;

/** More Actions → Send a Signal: what each of them does now. */
function byWebUi(status: Status): string[] {
  const { actions } = exits(status);
  const back = actions.filter(({ way, by }) => way === 'back' && by === 'anybody');
  const verbs = back.map(({ verb }) => verb).toSorted((a, b) => b.localeCompare(a));
  const [to] = back[0]?.to ?? [];
  return [
    ...(actions.some(({ way }) => way === 'again') ? [noInput(['retry'], 'try it again')] : []),
    ...signedLines(status, actions),
    ...(to ? [noInput(verbs, effects[to] ?? 'give up, the ledger lacks its end')] : []),
  ];
}

const effects: Partial<Record<Next, string>> = {
  restore: 'take back what reached production',
  frozen: 'stop here; going back must be signed',
  'closed: aborted': 'end it, nothing was touched',
  'closed: frozen': 'end the question, it stays as it is',
  'closed: restore-failed': 'give up, a person mends the hosts',
};

/** Where going back needs a signature, both answers are told. */
function signedLines({ project, environment }: Status, actions: readonly Exit[]): string[] {
  const printed = (verb: string) => `${plimsoll} ${verb} ${project} ${environment} --print`;
  const yes = actions.find(({ way, verb }) => way === 'forward' && signals[verb] === 'decide');
  if (!yes) return [];
  const signs = actions.find(({ way }) => way === 'back')?.verb === 'reject';
  const both = yes.verb === 'keep' && signs;
  const answers = both
    ? `${printed('keep')} (it stays) or ${printed('reject')} (it goes back)`
    : printed(yes.verb);
  return [`signal \`decide\`, its input is what this prints: ${answers}`];
}

function gateLines({ gates }: Status): string[] {
  return gates.map(({ gate, open, reasons }) =>
    `${gate}: ${open ? 'open' : 'CLOSED'}: ${reasons.join('; ')}`.slice(0, 600),
  );
}

const rulingLine = ({ decision, approver, verdict, why }: DeployStatus['rulings'][number]) =>
  `${decision} by ${approver}: ${verdict}: ${why}`.slice(0, 300);
