import { visible } from '../lib/visible.ts';
import { clean } from './parts/clean.ts';
import { plainMarkdown } from './parts/markdown.ts';
import type { DeployRequest } from '../config/config.ts';

/** Returns one line about a deploy for the list in the Web UI, at most 190 characters. */
export const requestSummary = ({ project, environment, ref, requestedBy }: DeployRequest) =>
  clean(`${project} ${environment} ${ref} by ${requestedBy}`).slice(0, 190);

/** Returns one line about a read-only `plan` for the list in the Web UI, at most 190 characters. */
export const planSummary = ({ project, environment }: DeployRequest) =>
  clean(`plan of ${project} ${environment}, read only`).slice(0, 190);

/** Writes the request as Markdown for the Web UI. No worker has verified the request yet. */
export function requestDetails(request: DeployRequest): string {
  const { project, environment, ref, requestedBy, requestedAt } = clean(request);
  const { priority } = request;
  const reason = plainMarkdown(visible(request.reason));
  return [
    `**${project} ${environment}** from \`${ref.replaceAll('`', "'")}\`, requested by ` +
      `${plainMarkdown(requestedBy)} at ${requestedAt}`,
    `${reason}${priority === 'P0' ? ' (**P0**)' : ''}`,
    'To roll back at any time, without a signature: send the signal `rollback` or `abort`.',
  ].join('\n\n');
}
