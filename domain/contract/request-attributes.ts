import { searchAttributes } from '../deploy/wire.ts';
import type { DeployRequest } from '../config/config.ts';

/** Returns the search attributes that a deploy has before it has a plan. */
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
