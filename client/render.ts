import { plimsoll } from '../domain/messages.ts';
import { flagWords } from '../domain/policy/flag.ts';
import { requestWords } from '../domain/policy/supersede.ts';
import { firstLine } from '../domain/policy/saga.ts';
import type { AftermathReport, DeployReport, DeployStatus, SealedPlan } from '../domain/plan.ts';
import { clean } from './clean.ts';
import type { Paint } from './paint.ts';
import type { Seen } from './read-deploy.ts';
import { renderApprovals, renderGates, renderSmoke, renderWatch } from './render-parts.ts';
import { clock, row, short, since } from './words.ts';

export type View = { now: Date; paint: Paint };

/** The whole screen, first line: live now · waiting for · do this. Pure: same input, same text. */
export function renderDeploy(deploy: Seen, view: View): string {
  const seen = clean(deploy);
  const lines = seen.status ? attended(seen, seen.status, view) : unattended(seen, view);
  return lines.filter((line) => line !== '').join('\n');
}

function attended(seen: Seen, status: DeployStatus, { now, paint }: View): string[] {
  const { outcome, phase, stuck, cause, sealed } = status;
  const { liveNow, waitingFor, doThis } = lineOf(status);
  const first = `live now: ${liveNow} · waiting for: ${waitingFor} · do this: ${doThis}`;
  return [
    paint.bold(first),
    title(seen, sealed),
    row('phase', `${outcome ?? phase} since ${clock(status.since)} (${since(status.since, now)})`),
    ...(stuck ? stuckLines(stuck, { now, paint }) : []),
    cause ? row('because', paint.bad(cause.detail)) : '',
    ...(status.flags ?? []).map((flag) =>
      row('flag', paint.bad(`${clock(flag.at)} ${flagWords(flag)}`)),
    ),
    ...renderGates(status.gates, paint),
    ...renderApprovals(sealed, status.rulings, paint),
    ...(status.requests ?? []).map((asked) => row('asked', requestWords(asked))),
    ...renderSmoke(status.smoke, paint),
    ...renderWatch(status, paint),
  ];
}

/** A worker that has only just begun has not said it yet. */
export const lineOf = (status: DeployStatus) => (status.waitingFor ? status : firstLine(status));

const stuckLines = (stuck: NonNullable<DeployStatus['stuck']>, { now, paint }: View) => [
  row('stuck', paint.bad(`${stuck.step} since ${clock(stuck.since)} (${since(stuck.since, now)})`)),
  row('', stuck.cause),
];

/** No worker answers: what the server alone knows. */
function unattended(seen: Seen, { now, paint }: View): string[] {
  const { sealed, running, place } = seen;
  const live = sealed
    ? `${liveBefore(sealed)} when this was planned`
    : 'untouched, not planned yet';
  const first = running
    ? `live now: ${live} · waiting for: a worker · do this: ${plimsoll} worker`
    : `${seen.state.toLowerCase()} · what is live now cannot be asked: no worker answers`;
  const ended = seen.closedAt ? `, closed ${clock(seen.closedAt)}` : '';
  return [
    paint.bold(first),
    title(seen, sealed),
    row('phase', `${seen.phase ?? 'unknown'}, started ${since(seen.startedAt, now)} ago${ended}`),
    ...seen.pending.map(({ activity, attempt, failure }) =>
      row('pending', `${activity}, attempt ${attempt}${failure ? `: ${failure}` : ''}`),
    ),
    ...(sealed ? renderGates(sealed.gates, paint) : []),
    ...renderApprovals(sealed, [], paint),
    running && seen.phase === 'approval'
      ? row(
          '',
          `approve works now as well: ${plimsoll} approve ${place.project} ${place.environment}`,
        )
      : '',
  ];
}

export const liveBefore = ({ plan }: SealedPlan) =>
  [...new Set(plan.live.map(({ sha }) => short(sha)))].join(', ') || 'nothing';

function title({ place, requester, runId }: Seen, sealed: SealedPlan | null): string {
  const what = sealed ? `${short(sealed.plan.sha)} by ${sealed.plan.requestedBy}` : undefined;
  const whom = what ?? (requester ? `requested by ${requester}` : `run ${runId}`);
  const why = sealed ? `: ${sealed.plan.reason}` : '';
  return row('deploy', `${place.project} ${place.environment} ${whom}${why}`);
}

/** The last line of a deploy that was followed to its end. */
export function renderReport(report: DeployReport, paint: Paint): string {
  const { project, environment, sha, outcome, reasons, touched } = clean(report);
  const color =
    outcome === 'succeeded' ? paint.good : outcome === 'unproven' ? paint.warn : paint.bad;
  const untouched = touched ? '' : ' (nothing was touched)';
  const what = [project, environment, ...(sha ? [short(sha)] : [])].join(' ');
  const head = `${what}: ${color(outcome)}${untouched}`;
  return [head, ...reasons.map((reason) => `  ${reason}`)].join('\n');
}

/** What follows of a release that was taken back. */
export function renderAftermath(aftermath: AftermathReport | null): string {
  if (!aftermath) return `What follows is still under way:  ${plimsoll} incidents`;
  const { incident, revertNote, quarantined } = clean(aftermath);
  return [
    `The branch: ${revertNote}${quarantined ? '; the release is quarantined' : ''}`,
    incident ? `What happened:  ${plimsoll} incidents ${incident}` : '',
  ]
    .filter(Boolean)
    .join('\n');
}
