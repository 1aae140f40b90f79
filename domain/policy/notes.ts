import type { DeployStatus, Plan } from '../plan.ts';

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

export function questionNote(status: DeployStatus): string {
  return [
    `${status.project} ${status.environment}: is this release healthy? The watch cannot tell.`,
    ...(status.watch?.reasons ?? []),
    status.doThis,
  ]
    .filter(Boolean)
    .join('\n');
}

export const askFor = (plan: Plan, reminder: boolean) =>
  `${reminder ? 'reminder' : 'approval request'} for ${what(plan)}`;
