import { plimsoll } from '../deploy/wire.ts';
import type {
  DeployStatus,
  AvailableAction,
  AvailableActions,
  Outcome,
  Phase,
} from '../deploy/plan.ts';
import { closedLine } from './status-closed.ts';
import { sagaDetails } from './status-details.ts';
import { crossingWords } from './migrations.ts';
import { availableActions } from '../actions/available-actions.ts';
import { clean } from './parts/clean.ts';
import { flagWords } from './parts/flag.ts';
import { count, span } from './parts/numbers.ts';
import { onHosts, short } from './parts/served.ts';

export type FirstLine = Pick<DeployStatus, 'liveNow' | 'waitingFor' | 'doThis'>;
type Known = Omit<DeployStatus, keyof FirstLine>;
export type Closed = Known & { outcome: Outcome };

const command = (order: string, { project, environment }: Known) =>
  `${plimsoll} ${order} ${project} ${environment}`;

function liveNow({ sealed, phase }: Known): string {
  if (!sealed) return 'unchanged: nothing was touched';
  const { live, release, rollbackTarget } = sealed.plan;
  const before = rollbackTarget ? short(rollbackTarget.sha) : onHosts(live);
  if (phase === 'release') return `changing from ${before} to ${short(release.sha)}, host by host`;
  if (phase === 'rollback') return `rolling back from ${short(release.sha)} to ${before}`;
  if (phase === 'awaiting-rollback-approval' && sealed.plan.late) return onHosts(live);
  if (phase === 'awaiting-rollback-approval')
    return `${short(release.sha)}, FAILED, on every host that it reached`;
  const shipped =
    phase === 'smoke' || phase === 'watch' || phase === 'decision' || phase === 'settle';
  return shipped ? `${short(release.sha)}, not yet proven` : onHosts(live);
}

type Next = Pick<FirstLine, 'waitingFor' | 'doThis'>;
type View = { status: Known; ways: AvailableActions };
const verb = ({ ways }: View, way: AvailableAction['way']) =>
  ways.actions.find((action) => action.way === way)?.verb ?? 'status';
const may = ({ ways }: View, order: AvailableAction['verb']) =>
  ways.actions.some((it) => it.verb === order);

function approval(view: View, until: string): Next {
  const [{ more = 1, by } = { by: [] }] = view.ways.actions;
  const who = (Array.isArray(by) ? by : []).join(' or ') || 'an approver';
  const order = (way: AvailableAction['way']) => command(verb(view, way), view.status);
  return {
    waitingFor: `${count(more, 'approval')} by ${who}, until ${until}`,
    doThis: `${order('forward')} (or: ${order('back')})`,
  };
}

/** Returns what happens if nobody answers, as a clause. */
function silence({ ways, status }: View): string {
  const [to] = ways.timeout?.to ?? [];
  if (to === 'settle') return 'the release is kept as unproven';
  if (to === 'awaiting-rollback-approval') return 'a person is paged: the rollback must be signed';
  if (to === 'closed: rollback-failed') return 'Plimsoll gives up';
  if (to !== 'rollback') return 'the deploy ends without a record';
  if (!status.sealed?.plan.rollbackTarget) return 'a person is paged: no rollback is possible';
  return 'the release is rolled back';
}

/** Returns the UTC time of `at`, with the day only if `since` is on another day. */
const moment = (at: string, since: string) =>
  `${at.slice(0, 10) === since.slice(0, 10) ? '' : `${at.slice(0, 10)} `}${at.slice(11, 16)}Z`;

/**
 * Returns the question whether the release is healthy. If a person flagged the release, the text
 * contains the flag.
 */
function question(view: View, at: string): Next {
  const { status } = view;
  const [flag] = status.flags ?? [];
  const timeLimit = span(Date.parse(at) - Date.parse(status.since));
  const order = (way: AvailableAction['way']) => command(verb(view, way), status);
  return {
    waitingFor: flag
      ? `a person: ${flagWords(flag)}; if nobody signs keep, ${silence(view)} at ` +
        moment(at, status.since)
      : `a person: is this release healthy? After ${timeLimit} without an answer, ${silence(view)}`,
    doThis: `check the site; bad: ${order('back')}; good: ${order('forward')}`,
  };
}

function rollbackApproval(view: View, at: string): Next {
  const { status } = view;
  const order = (way: AvailableAction['way']) => command(verb(view, way), status);
  return {
    waitingFor:
      `an approver: the rollback crosses ${crossingWords(status.sealed?.plan ?? {})}; after ` +
      `${span(Date.parse(at) - Date.parse(status.since))} without an answer, the release stays ` +
      'live',
    doThis:
      `check the database; to fix forward: ${order('forward')}, then deploy the fix; to roll ` +
      `back: ${order('back')} (signed)`,
  };
}

const asks: Partial<Record<Phase, (view: View, at: string) => Next>> = {
  approval,
  decision: question,
  'awaiting-rollback-approval': rollbackApproval,
};

/** For each phase: what the deploy waits for while no person is needed. */
const onItsOwn: Record<Phase, string> = {
  planning: 'the plan',
  preflight: 'the gates',
  approval: 'the recheck of the gates, and the first effect',
  release: 'the platform',
  smoke: 'the critical paths to answer',
  watch: 'the watch to end',
  decision: 'the decision to be carried out',
  'awaiting-rollback-approval': 'the signed decision to be carried out',
  settle: 'the ledger and the notes',
  rollback: 'the rollback to be proven on every host',
  closed: 'nothing',
};

function waiting(view: View): Next {
  const { status, ways } = view;
  const { timeout } = ways;
  const ask = asks[status.phase];
  if (ask && timeout && 'at' in timeout) return ask(view, timeout.at);
  return {
    waitingFor: onItsOwn[status.phase],
    doThis: may(view, 'abort')
      ? `nothing; to stop the deploy: ${command('abort', status)}`
      : 'nothing',
  };
}

/** Returns the first line while a step is stuck. Its reader is the person who was paged. */
function stuck(view: View, { step, since, cause }: NonNullable<Known['stuck']>): Next {
  const { status, ways } = view;
  const at = ways.timeout && 'at' in ways.timeout ? moment(ways.timeout.at, since) : 'some time';
  const back = may(view, 'rollback') ? ` (or roll back: ${command('rollback', status)})` : '';
  return {
    waitingFor:
      `a person: "${step}" is stuck since ${since}: ${cause}; ` +
      `if nobody sends retry, ${silence(view)} at ${at}`,
    doThis: `fix the cause, then: ${command('retry', status)}${back}`,
  };
}

/**
 * Returns the first line on every screen: the live release, the awaited event and the next command.
 */
export function firstLine(status: Known): FirstLine {
  const { outcome } = status;
  const closed = outcome && closedLine({ ...status, outcome }, command);
  if (closed && !status.stuck) return closed;
  const view = { status, ways: availableActions(status) };
  const next = status.stuck ? stuck(view, status.stuck) : waiting(view);
  return { liveNow: closed?.liveNow ?? liveNow(status), ...next };
}

/** Returns the first line and everything below it, as Markdown for the Web UI. */
export function describe(status: Known): FirstLine & { details: string } {
  const shown = clean(status);
  const line = firstLine(shown);
  return { ...line, details: sagaDetails(shown, line) };
}
