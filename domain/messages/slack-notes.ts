import { plimsoll } from '../deploy/wire.ts';
import type { DeployStatus, Plan } from '../deploy/plan.ts';
import { flagWords } from './parts/flag.ts';
import { crossingWords } from './migrations.ts';
import { sitesOf } from '../platforms/sites.ts';

const short = (sha: string) => sha.slice(0, 7);
const what = (plan: Plan) => `${plan.project} ${plan.environment} ${short(plan.sha)}`;

/**
 * Returns the parent message of the thread. Plimsoll edits this message while the deploy runs.
 * People must understand the message without reading the thread.
 */
export function parentNote(status: DeployStatus): string {
  const plan = status.sealed?.plan;
  if (!plan) return `${status.project} ${status.environment}: ${status.phase}`;
  const head = `${what(plan)} by ${plan.requestedBy}: ${status.outcome ?? status.phase}`;
  const why = status.cause ? `Because: ${status.cause.detail}` : `Why: ${plan.reason}`;
  return [head, why, status.liveNow, status.waitingFor, status.doThis].filter(Boolean).join('\n');
}

export function stuckNote(status: DeployStatus): string {
  const { stuck, project, environment } = status;
  return [
    `${project} ${environment} is stuck: ${stuck?.step ?? status.phase}`,
    stuck ? `Cause: ${stuck.cause}` : '',
    status.doThis,
  ]
    .filter(Boolean)
    .join('\n');
}

const whyAsked = ({ flags, watch }: DeployStatus) => {
  if (flags?.length) return `Flagged: ${flags.map(flagWords).join('; ')}`;
  return watch ? 'The watch is inconclusive.' : 'The result is inconclusive.';
};

export function questionNote(status: DeployStatus): string {
  return [
    `${status.project} ${status.environment}: is this release healthy? ${whyAsked(status)}`,
    ...(status.flags?.length ? [`Waiting for ${status.waitingFor}`] : []),
    ...(status.watch?.reasons ?? []),
    status.doThis,
  ]
    .filter(Boolean)
    .join('\n');
}

/**
 * The number of signals that a deploy received. `ignored`: the number of these signals that it
 * ignored.
 */
export type SignalCount = { arrived: number; ignored: number };

export const floodNote = (status: DeployStatus, { arrived, ignored }: SignalCount): string =>
  [
    `${status.project} ${status.environment}: half of the history of this deploy is used. ` +
      `${arrived} signals arrived, ${ignored} of them were ignored.`,
    'The deploy hears no more decisions, flags and requests. Before the first effect it closes. ' +
      'After the first effect it is rolled back, unless it has already ended.',
    `Live now: ${status.liveNow}`,
    'Find out who sends the signals: the Web UI shows the sender of each. Take away the access of ' +
      `the sender, then see the deploy: ${plimsoll} status ${status.project} ${status.environment}`,
  ].join('\n');

export function rollbackApprovalNote(status: DeployStatus): string {
  const { sealed, cause, project, environment } = status;
  const why = cause?.detail ?? 'unknown';
  const head = sealed?.plan.late
    ? [
        `${project} ${environment}: a rollback waits for a signed decision. ${why}`,
        `The rollback crosses ${crossingWords(sealed.plan)}.`,
      ]
    : [
        `${project} ${environment} FAILED and is not rolled back automatically: ${why}`,
        `The release contains ${crossingWords(sealed?.plan ?? {})}.`,
      ];
  return [
    ...head,
    `Live now: ${status.liveNow}. Waiting for ${status.waitingFor}`,
    status.doThis,
  ].join('\n');
}

export const askFor = (plan: Plan, reminder: boolean) =>
  `${reminder ? 'reminder' : 'approval request'} for ${what(plan)}`;

/**
 * Returns the dead man's switch message. Slack posts this message by itself if no worker postpones
 * or deletes it in time. People get no other message about the problem, so this message must
 * contain everything.
 */
export function silentNote(plan: Plan, at: string): string {
  const { project, environment, rollbackTarget } = plan;
  const back = rollbackTarget
    ? `make ${short(rollbackTarget.sha)} live there by hand`
    : 'fix the release by hand';
  return [
    `${what(plan)} WENT SILENT: no update since ${at.slice(0, 16).replace('T', ' ')} UTC.`,
    'Nothing watches this release, and nothing can roll it back: Plimsoll’s worker or server ' +
      'is down.',
    '1. Start the server and the worker again, so that the deploy continues: ' +
      `${plimsoll} up (or ${plimsoll} worker)`,
    `2. See the status: ${plimsoll} status ${project} ${environment}`,
    `3. If you cannot start them, check ${sitesOf(plan.target)
      .map(({ name }) => name)
      .join(', ')}. If the release is bad, ${back}.`,
    'If the status is closed: Slack was down when the deploy ended, and nothing is wrong.',
  ].join('\n');
}

/**
 * Returns the last message of a deploy. Plimsoll posts a new message, so that everybody in the
 * thread gets a notification.
 */
export const finalNote = (status: DeployStatus): string =>
  `${status.outcome}: live now ${status.liveNow}. ${status.doThis === 'nothing' ? '' : status.doThis}`.trim();

export const stillStuckNote = (status: DeployStatus): string =>
  `Still stuck since ${status.stuck?.since ?? status.since}. ${stuckNote(status)}`;
