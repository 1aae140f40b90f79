import type { DeployStatus } from '../domain/deploy/plan.ts';
import type { DeployRequest } from '../domain/config/config.ts';

/** Returns the status of a deploy that has just begun. */
export const nothingYet = (
  { project, environment }: Pick<DeployRequest, 'project' | 'environment'>,
  since: string,
): DeployStatus => ({
  ...{ deployId: '', project, environment, phase: 'planning', since },
  ...{ liveNow: '', waitingFor: '', doThis: '' },
  ...{ sealed: null, gates: [], rulings: [], smoke: null, watch: null },
  ...{ stuck: null, cause: null, outcome: null },
});
