import type { DeployRef } from '../../domain/contract/activities.ts';
import { startUpMsOf, timing } from '../../domain/deploy/timing.ts';
import type { Target, Timing } from '../../domain/deploy/plan.ts';
import type { SmokePaths } from '../../domain/deploy/watch-types.ts';
import type { Config } from '../../domain/config/config.ts';
import { findPlace } from '../plan/place.ts';
import { planTarget } from '../plan/target.ts';

/**
 * The facts about a place that come from the worker's own configuration and from no other source.
 */
export type OwnFacts = {
  target: Target;
  timing: Timing;
  smoke: SmokePaths;
  branch: string;
  dependencies: string[];
  /**
   * The pattern that counts requests in the access log. null means that no pattern is configured.
   */
  accessLog: string | null;
};

/**
 * Returns the worker's own settings of the deploy's place. Throws a final failure of type 'refused'
 * if plimsoll.yaml has no such project or environment.
 */
export function ownFacts(
  config: Config,
  place: Pick<DeployRef, 'project' | 'environment'>,
): OwnFacts {
  const { project, environment } = findPlace(config, place);
  return {
    target: planTarget({ project, environment }),
    timing: {
      ...timing(config.sandbox ? config.timeScale : 1),
      startUpMs: startUpMsOf(environment.startUp),
    },
    smoke: environment.smoke,
    branch: project.branch,
    dependencies: environment.dependencies,
    accessLog: environment.watch.accessLog ?? null,
  };
}
