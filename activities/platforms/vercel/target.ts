import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { Project } from '../../../domain/config/config.ts';
import type { VercelEnvironment } from '../../../domain/platforms/vercel/schema.ts';
import { commonOf } from '../variables.ts';

type Place = { project: Project; environment: VercelEnvironment };

export function resolveVercel({ project, environment }: Place): VercelTarget {
  const { project: name, token, api, url, health } = environment;
  return {
    platform: 'vercel',
    project: name,
    team: environment.team ?? null,
    token,
    bypass: environment.bypass ?? null,
    api,
    repository: project.repository,
    branch: project.branch,
    url,
    health,
    version: environment.version ?? null,
    ...commonOf(environment),
  };
}
