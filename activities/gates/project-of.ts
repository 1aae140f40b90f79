import { failures } from '../../domain/failures.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Config, Project } from '../../domain/schema.ts';
import { final } from '../lib/fail.ts';
import { own } from '../lib/own.ts';

/** The worker's own settings of the plan's project. Final misconfigured: it has none any more. */
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
