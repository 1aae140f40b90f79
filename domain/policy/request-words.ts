import { searchAttributes } from '../messages.ts';
import type { DeployRequest } from '../schema.ts';

/** One line for the Web UI's list, at most 200 bytes. */
export const requestSummary = ({ project, environment, ref, requestedBy }: DeployRequest) =>
  `${project} ${environment} ${ref} by ${requestedBy}`.slice(0, 190);

/** Markdown for the Web UI. */
export function requestDetails(request: DeployRequest): string {
  const { project, environment, ref, requestedBy, reason, priority, requestedAt } = request;
  return [
    `**${project} ${environment}** from \`${ref}\`, requested by ${requestedBy} at ${requestedAt}`,
    `${reason}${priority === 'P0' ? ' (**P0**)' : ''}`,
    'Back at any time, without a signature: send the signal `rollback` or `abort`.',
  ].join('\n\n');
}

/** What a deploy is found by before it is planned. */
export function requestAttributes({ project, environment, requestedBy }: DeployRequest) {
  const keyword = (name: string, value: string) =>
    ({ key: { name, type: 'KEYWORD' }, value }) as const;
  return [
    keyword(searchAttributes.project, project),
    keyword(searchAttributes.environment, environment),
    keyword(searchAttributes.requester, requestedBy),
    keyword(searchAttributes.phase, 'planning'),
  ];
}
