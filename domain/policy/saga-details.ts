import { plimsoll } from '../messages.ts';
import type { DeployStatus } from '../plan.ts';
import { flagWords } from './flag.ts';
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
    section('May approve', sealed ? [sealed.plan.rule.eligible.join(', ')] : []),
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

/** More Actions → Send a Signal: what each of them does now. */
function byWebUi(status: Status): string[] {
  const { phase, stuck, outcome } = status;
  if (outcome || phase === 'settle') return [];
  const signal = (names: string, effect: string) => `signal ${names} without input: ${effect}`;
  if (phase === 'restore')
    return stuck
      ? [signal('`retry`', 'try it again'), signal('`abort`', 'give up, a person mends the hosts')]
      : [];
  if (phase === 'frozen') {
    const keep = printed('keep', status);
    const back = printed('reject', status);
    return [
      `signal \`decide\`, its input is what this prints: ${keep} (it stays) or ${back} (it goes back)`,
      signal('`abort`', 'end the question, it stays as it is'),
    ];
  }
  const back = signal('`rollback` or `abort`', whatAbortDoes(status));
  if (stuck) return [signal('`retry`', 'try it again'), back];
  const verb = phase === 'ask' ? 'keep' : 'approve';
  const command = printed(verb, status);
  const asked = phase === 'approval' || phase === 'ask';
  return asked ? [`signal \`decide\`, its input is what this prints: ${command}`, back] : [back];
}

const printed = (verb: string, { project, environment }: Status) =>
  `${plimsoll} ${verb} ${project} ${environment} --print`;

const whatAbortDoes = ({ phase, sealed }: Status) =>
  phase === 'planning' || phase === 'preflight' || phase === 'approval'
    ? 'end it, nothing was touched'
    : sealed?.plan.forwardOnly === undefined
      ? 'take back what reached production'
      : 'stop here; going back must be signed';

function gateLines({ gates }: Status): string[] {
  return gates.map(({ gate, open, reasons }) =>
    `${gate}: ${open ? 'open' : 'CLOSED'}: ${reasons.join('; ')}`.slice(0, 600),
  );
}

const rulingLine = ({ decision, approver, verdict, why }: DeployStatus['rulings'][number]) =>
  `${decision} by ${approver}: ${verdict}: ${why}`.slice(0, 300);
