import type { DeployRequest } from '../config/config.ts';

/** One line about a deploy for the list in the Web UI, at most 190 characters. */
export const requestSummary = ({ project, environment, ref, requestedBy }: DeployRequest) =>
  `${project} ${environment} ${ref} by ${requestedBy}`.slice(0, 190);

/** One line about a read-only `plan` for the list in the Web UI, at most 190 characters. */
export const planSummary = ({ project, environment }: DeployRequest) =>
  `plan of ${project} ${environment}, read only`.slice(0, 190);

/** The request as Markdown for the Web UI. */
export function requestDetails(request: DeployRequest): string {
  const { project, environment, ref, requestedBy, reason, priority, requestedAt } = request;
  return [
    `**${project} ${environment}** from \`${ref}\`, requested by ${requestedBy} at ${requestedAt}`,
    `${reason}${priority === 'P0' ? ' (**P0**)' : ''}`,
    'To roll back at any time, without a signature: send the signal `rollback` or `abort`.',
  ].join('\n\n');
}
