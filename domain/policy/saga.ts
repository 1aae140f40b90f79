import { plimsoll } from '../messages.ts';
import type { DeployStatus, Exit, Exits, Outcome, Phase } from '../plan.ts';
import { closedLine } from './saga-closed.ts';
import { sagaDetails } from './saga-details.ts';
import { crossingWords } from './forward-only.ts';
import { exits } from './exits.ts';
import { flagWords } from './flag.ts';
import { count, span } from './numbers.ts';
import { onHosts, short } from './served.ts';

export type FirstLine = Pick<DeployStatus, 'liveNow' | 'waitingFor' | 'doThis'>;
type Known = Omit<DeployStatus, keyof FirstLine>;
export type Closed = Known & { outcome: Outcome };

const command = (order: string, { project, environment }: Known) =>
  `${plimsoll} ${order} ${project} ${environment}`;

function liveNow({ sealed, phase }: Known): string {
  if (!sealed) return 'what it was: nothing was touched';
  const { live, release, restoreTo } = sealed.plan;
  const before = restoreTo ? short(restoreTo.sha) : onHosts(live);
  if (phase === 'release') return `changing from ${before} to ${short(release.sha)}, host by host`;
  if (phase === 'restore') return `going back from ${short(release.sha)} to ${before}`;
  if (phase === 'frozen') return `${short(release.sha)}, FAILED, on whatever it had reached`;
  const shipped = phase === 'smoke' || phase === 'watch' || phase === 'ask' || phase === 'settle';
  return shipped ? `${short(release.sha)}, not yet proven` : onHosts(live);
}

type Next = Pick<FirstLine, 'waitingFor' | 'doThis'>;
type Told = { status: Known; ways: Exits };
const verb = ({ ways }: Told, way: Exit['way']) =>
  ways.actions.find((exit) => exit.way === way)?.verb ?? 'status';
const may = ({ ways }: Told, order: Exit['verb']) => ways.actions.some((it) => it.verb === order);

function approval(told: Told, until: string): Next {
  const [{ more = 1, by } = { by: [] }] = told.ways.actions;
  const who = (Array.isArray(by) ? by : []).join(' or ') || 'an approver';
  const order = (way: Exit['way']) => command(verb(told, way), told.status);
  return {
    waitingFor: `${count(more, 'approval')} by ${who}, until ${until}`,
    doThis: `${order('forward')} (or: ${order('back')})`,
  };
}

/** What silence leads to. */
function silence({ ways, status }: Told): string {
  const [to] = ways.timeout?.to ?? [];
  if (to === 'settle') return 'it is kept as unproven';
  if (to === 'frozen') return 'a person is called: going back must be signed';
  if (to === 'closed: restore-failed') return 'it is given up';
  if (to !== 'restore') return 'it ends without a record';
  if (!status.sealed?.plan.restoreTo) return 'a person is called: there is no way back';
  return status.stuck ? 'it goes back' : 'it is restored';
}

/** The day only where it is another one. */
const moment = (at: string, since: string) =>
  `${at.slice(0, 10) === since.slice(0, 10) ? '' : `${at.slice(0, 10)} `}${at.slice(11, 16)}Z`;

/** A flag shortens the question, and turns its answer round. */
function question(told: Told, at: string): Next {
  const { status } = told;
  const [flag] = status.flags ?? [];
  const patience = span(Date.parse(at) - Date.parse(status.since));
  const order = (way: Exit['way']) => command(verb(told, way), status);
  return {
    waitingFor: flag
      ? `a person: ${flagWords(flag)}; without a signed keep ${silence(told)} at ` +
        moment(at, status.since)
      : `a person: is this release healthy? After ${patience} ${silence(told)}`,
    doThis: `look at it; bad: ${order('back')}; good: ${order('forward')}`,
  };
}

function frozen(told: Told, at: string): Next {
  const { status } = told;
  const order = (way: Exit['way']) => command(verb(told, way), status);
  return {
    waitingFor:
      `an approver: going back crosses ${crossingWords(status.sealed?.plan ?? {})}; asked for ` +
      `${span(Date.parse(at) - Date.parse(status.since))}, it stays as it is`,
    doThis:
      `look at the database; mend it forward: ${order('forward')}, then deploy what mends it; ` +
      `go back: ${order('back')} (signed)`,
  };
}

const asks: Partial<Record<Phase, (told: Told, at: string) => Next>> = {
  approval,
  ask: question,
  frozen,
};

/** What it waits for while nobody is waited for. */
const onItsOwn: Record<Phase, string> = {
  planning: 'the plan',
  preflight: 'the gates',
  approval: 'the gates, once more, and the first effect',
  release: 'the platform',
  smoke: 'the critical paths to answer',
  watch: 'the watch to end',
  ask: 'what is still to be proven',
  frozen: 'what was signed to be done',
  settle: 'the ledger and the notes',
  restore: 'the restore to be proven on every host',
  closed: 'nothing',
};

function waiting(told: Told): Next {
  const { status, ways } = told;
  const { timeout } = ways;
  const ask = asks[status.phase];
  if (ask && timeout && 'at' in timeout) return ask(told, timeout.at);
  return {
    waitingFor: onItsOwn[status.phase],
    doThis: may(told, 'abort') ? `nothing; to stop it: ${command('abort', status)}` : 'nothing',
  };
}

/** A step whose retries are exhausted: whoever reads this is the one who was called. */
function stuck(told: Told, { step, since, cause }: NonNullable<Known['stuck']>): Next {
  const { status, ways } = told;
  const at = ways.timeout && 'at' in ways.timeout ? moment(ways.timeout.at, since) : 'some time';
  const back = may(told, 'rollback') ? ` (or go back: ${command('rollback', status)})` : '';
  return {
    waitingFor:
      `a person: "${step}" is stuck since ${since}: ${cause}; ` +
      `without a retry ${silence(told)} at ${at}`,
    doThis: `mend the cause, then: ${command('retry', status)}${back}`,
  };
}

/** Live now · waiting for · do this: the first thing on every screen, for a person at 3 a.m. */
export function firstLine(status: Known): FirstLine {
  const { outcome } = status;
  const closed = outcome && closedLine({ ...status, outcome }, command);
  if (closed && !status.stuck) return closed;
  const told = { status, ways: exits(status) };
  const next = status.stuck ? stuck(told, status.stuck) : waiting(told);
  return { liveNow: closed?.liveNow ?? liveNow(status), ...next };
}

/** The first line and, as Markdown for the Web UI, everything that stands behind it. */
export function describe(status: Known): FirstLine & { details: string } {
  const line = firstLine(status);
  return { ...line, details: sagaDetails(status, line) };
}
