import { failures } from '../../domain/deploy/failures.ts';
import { nearest } from '../../domain/lib/nearest.ts';
import type { Config, DeployRequest, Environment, Project } from '../../domain/config/config.ts';
import { final } from '../lib/fail.ts';
import { own } from '../lib/own.ts';

export type Place = { project: Project; environment: Environment };

/**
 * Returns the configuration of a project and an environment. If plimsoll.yaml has no such name,
 * throws a final failure of type 'refused'. The message lists the names that exist.
 */
export function findPlace(
  config: Config,
  request: Pick<DeployRequest, 'project' | 'environment'>,
): Place {
  const project = own(config.projects, request.project);
  if (!project) throw unknownName('project', request.project, Object.keys(config.projects));
  const environment = own(project.environments, request.environment);
  if (environment) return { project, environment };
  const names = Object.keys(project.environments);
  throw unknownName(`environment of ${request.project}`, request.environment, names);
}

function unknownName(what: string, name: string, known: string[]) {
  const guess = nearest(name, known);
  return final(
    failures.refused,
    `There is no ${what} called "${name}".${guess ? ` Did you mean "${guess}"?` : ''}\n` +
      `Configured: ${known.join(', ') || 'none'}. Add it to plimsoll.yaml, or deploy one of these.`,
  );
}
