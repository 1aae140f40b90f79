import type { NorthflankTarget } from '../../../domain/plan.ts';
import type { NorthflankEnvironment, Project } from '../../../domain/schema.ts';
import { variablesOf } from './variables.ts';

type Place = { project: Project; environment: NorthflankEnvironment };

export function freezeNorthflank({
  project: { repository },
  environment,
}: Place): NorthflankTarget {
  const { project, service, team, api, token, url, port, health, version } = environment;
  return {
    platform: 'northflank',
    project,
    service,
    ...(team === undefined ? {} : { team }),
    api,
    token,
    repository,
    url,
    port,
    health,
    version: version ?? null,
    ...variablesOf(environment),
  };
}
