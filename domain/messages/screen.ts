import { plimsoll } from '../deploy/wire.ts';
import { failingLine, failingWords } from './failing-tasks.ts';
import { flagWords } from './parts/flag.ts';
import { requestWords } from './supersede.ts';
import { firstLine } from './status.ts';
import type { FirstLine } from './status.ts';
import type { AftermathReport, DeployReport, DeployStatus, SealedPlan } from '../deploy/plan.ts';
import { clean } from './parts/clean.ts';
import type { Paint } from './parts/paint.ts';
import type { DeploySnapshot } from '../deploy/snapshot.ts';
import {
  renderApprovals,
  renderGates,
  renderSmoke,
  renderProof,
  renderWatch,
} from './screen-parts.ts';
import { clock, row, short, since } from './parts/format.ts';

export type View = { now: Date; paint: Paint };

/**
 * Returns the whole screen. Its first line says what is live now, what the deploy waits for, and
 * what to do.
 */
export function renderDeploy(deploy: DeploySnapshot, view: View): string {
  const snapshot = clean(deploy);
  const lines =
    snapshot.status && !snapshot.failing
      ? attended(snapshot, snapshot.status, view)
      : unattended(snapshot, view);
  return lines.filter((line) => line !== '').join('\n');
}

function attended(snapshot: DeploySnapshot, status: DeployStatus, { now, paint }: View): string[] {
  const { outcome, phase, stuck, cause, sealed } = status;
  return [
    paint.bold(joined(lineOf(status))),
    title(snapshot, sealed),
    row('phase', `${outcome ?? phase} since ${clock(status.since)} (${since(status.since, now)})`),
    ...(stuck ? stuckLines(stuck, { now, paint }) : []),
    cause ? row('because', paint.bad(cause.detail)) : '',
    ...(status.flags ?? []).map((flag) =>
      row('flag', paint.bad(`${clock(flag.at)} ${flagWords(flag)}`)),
    ),
    ...renderGates(status.gates, paint),
    ...renderApprovals(sealed, status.rulings, paint),
    ...(status.requests ?? []).map((asked) => row('request', requestWords(asked))),
    ...renderSmoke(status.smoke, paint),
    ...renderWatch(status, paint),
    ...renderProof(status, paint),
  ];
}

/**
 * Returns the first line of the screen. A worker that has just started may not report this line
 * yet. Then the client makes the line from the status.
 */
const lineOf = (status: DeployStatus) => (status.waitingFor ? status : firstLine(status));

const stuckLines = (stuck: NonNullable<DeployStatus['stuck']>, { now, paint }: View) => [
  row('stuck', paint.bad(`${stuck.step} since ${clock(stuck.since)} (${since(stuck.since, now)})`)),
  row('', stuck.cause),
];

/**
 * Returns the screen if no worker answers, or if Plimsoll cannot continue the deploy. It shows only
 * facts from the Temporal server.
 */
function unattended(snapshot: DeploySnapshot, { now, paint }: View): string[] {
  const { sealed, running, place, failing } = snapshot;
  const ended = snapshot.closedAt ? `, closed ${clock(snapshot.closedAt)}` : '';
  return [
    paint.bold(unattendedLine(snapshot)),
    title(snapshot, sealed),
    failing ? row('failing', paint.bad(failingWords(failing))) : '',
    row(
      'phase',
      `${snapshot.phase ?? 'unknown'}, started ${since(snapshot.startedAt, now)} ago${ended}`,
    ),
    ...snapshot.pending.map(({ activity, attempt, failure }) =>
      row('pending', `${activity}, attempt ${attempt}${failure ? `: ${failure}` : ''}`),
    ),
    ...(sealed ? renderGates(sealed.gates, paint) : []),
    ...renderApprovals(sealed, [], paint),
    running && !failing && snapshot.phase === 'approval'
      ? row(
          '',
          `approve also works without a worker: ${plimsoll} approve ${place.project} ` +
            `${place.environment}`,
        )
      : '',
  ];
}

function unattendedLine(snapshot: DeploySnapshot): string {
  const { sealed, running, failing } = snapshot;
  if (failing) return joined(failingLine(snapshot));
  const live = sealed
    ? `${liveBefore(sealed)} when this deploy was planned`
    : 'unchanged, because nothing is planned yet';
  return running
    ? joined({ liveNow: live, waitingFor: 'a worker', doThis: `${plimsoll} worker` })
    : `${snapshot.state.toLowerCase()} · the live release is unknown, because no worker answers`;
}

const joined = ({ liveNow, waitingFor, doThis }: FirstLine) =>
  `live now: ${liveNow} · waiting for: ${waitingFor} · do this: ${doThis}`;

export const liveBefore = ({ plan }: SealedPlan) =>
  [...new Set(plan.live.map(({ sha }) => short(sha)))].join(', ') || 'nothing';

function title({ place, requester, runId }: DeploySnapshot, sealed: SealedPlan | null): string {
  const what = sealed ? `${short(sealed.plan.sha)} by ${sealed.plan.requestedBy}` : undefined;
  const whom = what ?? (requester ? `requested by ${requester}` : `run ${runId}`);
  const why = sealed ? `: ${sealed.plan.reason}` : '';
  return row('deploy', `${place.project} ${place.environment} ${whom}${why}`);
}

/** Returns the last lines that a command prints after it watched a deploy until its end. */
export function renderReport(report: DeployReport, paint: Paint): string {
  const { project, environment, sha, outcome, reasons, touched } = clean(report);
  const color =
    outcome === 'succeeded' ? paint.good : outcome === 'unproven' ? paint.warn : paint.bad;
  const untouched = touched ? '' : ' (nothing was touched)';
  const what = [project, environment, ...(sha ? [short(sha)] : [])].join(' ');
  const head = `${what}: ${color(outcome)}${untouched}`;
  return [head, ...reasons.map((reason) => `  ${reason}`)].join('\n');
}

/** Returns the lines about the workflow `aftermath` of a rollback. */
export function renderAftermath(aftermath: AftermathReport | null): string {
  if (!aftermath) return `The follow-up is still running:  ${plimsoll} incidents`;
  const { incident, revertNote, quarantined } = clean(aftermath);
  return [
    `The branch: ${revertNote}${quarantined ? '; the release is quarantined' : ''}`,
    incident ? `What happened:  ${plimsoll} incidents ${incident}` : '',
  ]
    .filter(Boolean)
    .join('\n');
}

/** Returns the screen as one line, for the log of a CI job. */
export function plainLine(deploy: DeploySnapshot): string {
  const snapshot = clean(deploy);
  const { status, phase, running, state, failing } = snapshot;
  if (failing) {
    const { waitingFor, doThis } = failingLine(snapshot);
    const why = failingWords(failing);
    return [`${phase ?? 'unknown'}`, `waiting for: ${waitingFor}`, why, `do this: ${doThis}`].join(
      ' · ',
    );
  }
  if (!status)
    return running ? `${phase ?? 'unknown'} · waiting for: a worker` : state.toLowerCase();
  const { stuck, rulings, outcome } = status;
  const { liveNow, waitingFor, doThis } = lineOf(status);
  const voids = rulings.filter(({ verdict }) => verdict === 'void').length;
  const parts = [
    outcome ?? status.phase,
    stuck ? `stuck: ${stuck.step}: ${stuck.cause}` : '',
    outcome ? `live now: ${liveNow}` : `waiting for: ${waitingFor}`,
    `do this: ${doThis}`,
    voids > 0 ? `decisions that do not count: ${voids}` : '',
  ];
  return parts.filter(Boolean).join(' · ');
}
