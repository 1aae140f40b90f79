import { failures } from '../../domain/deploy/failures.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import { final } from '../lib/fail.ts';
import { own } from '../lib/own.ts';

/**
 * Returns the worker's own settings for the plan's project. Throws a final failure of type
 * 'misconfigured' if the project is no longer in the configuration.
 */
export function projectOf(
  config: Pick<Config, 'projects'>,
  { project }: Pick<Plan, 'project'>,
): Project {
  const found = own(config.projects, project);
  if (found) return found;
  throw final(
    failures.misconfigured,
    `This worker's configuration has no project "${project}" any more.\n` +
      'Add it to plimsoll.yaml and start the worker again.',
  );
}
