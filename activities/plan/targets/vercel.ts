import type { VercelTarget } from '../../../domain/plan.ts';
import type { Project, VercelEnvironment } from '../../../domain/schema.ts';
import { variablesOf } from './variables.ts';

type Place = { project: Project; environment: VercelEnvironment };

export function freezeVercel({ project, environment }: Place): VercelTarget {
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
    ...variablesOf(environment),
  };
}
