import { plimsoll } from '../messages.ts';
import type { DeployStatus, Plan } from '../plan.ts';
import { flagWords } from './flag.ts';
import { crossingWords } from './forward-only.ts';
import { sitesOf } from './sites.ts';

const short = (sha: string) => sha.slice(0, 7);
const what = (plan: Plan) => `${plan.project} ${plan.environment} ${short(plan.sha)}`;

/** The parent message: edited as the deploy goes on; readable alone on a phone. */
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
  return watch ? 'The watch cannot tell.' : 'Nobody can tell.';
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

export function frozenNote(status: DeployStatus): string {
  const { sealed, cause, project, environment } = status;
  return [
    `${project} ${environment} FAILED and is not taken back by itself: ${cause?.detail ?? 'unknown'}`,
    `It brings ${crossingWords(sealed?.plan ?? {})}.`,
    `Live now: ${status.liveNow}. Waiting for ${status.waitingFor}`,
    status.doThis,
  ].join('\n');
}

export const askFor = (plan: Plan, reminder: boolean) =>
  `${reminder ? 'reminder' : 'approval request'} for ${what(plan)}`;

/** Posted by Slack itself when nobody could take it back: whoever reads it knows nothing else. */
export function silentNote(plan: Plan, at: string): string {
  const { project, environment, restoreTo } = plan;
  const back = restoreTo ? `make ${short(restoreTo.sha)} live there by hand` : 'mend it by hand';
  return [
    `${what(plan)} WENT SILENT: no sign of life since ${at.slice(0, 16).replace('T', ' ')} UTC.`,
    'Nobody watches this release, and nothing takes it back. Plimsoll’s worker or server is down.',
    `1. Start them again; the deploy goes on by itself: ${plimsoll} up (or ${plimsoll} worker)`,
    `2. See what it says: ${plimsoll} status ${project} ${environment}`,
    `3. If they cannot be started: look at ${sitesOf(plan.target)
      .map(({ name }) => name)
      .join(', ')}; if it is bad, ${back}.`,
    'If the status is closed, Slack was down when it ended and nothing is wrong.',
  ].join('\n');
}

/** The one line that is no edit: everybody in the thread hears that it is over. */
export const finalNote = (status: DeployStatus): string =>
  `${status.outcome}: live now ${status.liveNow}. ${status.doThis === 'nothing' ? '' : status.doThis}`.trim();

export const stillStuckNote = (status: DeployStatus): string =>
  `Still stuck since ${status.stuck?.since ?? status.since}. ${stuckNote(status)}`;
