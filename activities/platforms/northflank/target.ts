import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { Project } from '../../../domain/config/config.ts';
import type { NorthflankEnvironment } from '../../../domain/platforms/northflank/schema.ts';
import { commonOf } from '../variables.ts';

type Place = { project: Project; environment: NorthflankEnvironment };

export function resolveNorthflank({
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
    ...commonOf(environment),
  };
}
