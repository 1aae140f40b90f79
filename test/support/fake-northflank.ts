import type { Plain } from '../../domain/contract/effect.ts';
import type { NorthflankActivities } from '../../domain/platforms/northflank/activities.ts';
import type { Plan, PlanOn } from '../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../domain/platforms/northflank/target.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { hostState, oldSha, planFor } from './plan.ts';

export const northflankTarget: NorthflankTarget = {
  platform: 'northflank',
  project: 'openclaw',
  service: 'gateway',
  api: 'http://127.0.0.1:1',
  token: 'env:NORTHFLANK_TOKEN',
  repository: 'http://127.0.0.1/gateway.git',
  url: 'http://127.0.0.1:18789',
  port: 18789,
  health: '/healthz',
  version: '/version',
  requiredVariables: [],
};
export const site = sitesOf(northflankTarget)[0]!.name;
const buildOf = (sha: string) => `build-${sha[0]}`;

/**
 * A complete plan for one service at Northflank. A build id ends with the first digit of the
 * commit.
 */
export const northflankPlan = (changes: Partial<Plan> = {}) =>
  planFor({
    target: northflankTarget,
    live: [{ ...hostState(site, oldSha), id: buildOf(oldSha) }],
    rollbackTarget: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: buildOf(oldSha) },
    ...changes,
  }) as Plan as PlanOn<NorthflankTarget>;

/** Fakes of the Northflank activities. `served` holds the commit that each place serves. */
export function fakeNorthflank(
  calls: string[],
  served: Map<string, string>,
): Plain<NorthflankActivities> {
  const live = () => hostState(site, served.get(site) ?? oldSha);
  return {
    readBuilds: async () => {
      calls.push('read the builds');
      return { known: [] };
    },
    adoptBuild: async ({ release, again, pushed }) => {
      const how = `${again ? ', again' : ''}${pushed ? ', just pushed' : ''}`;
      calls.push(`adopt a build of ${release.sha[0]}${how}`);
      return { buildId: buildOf(release.sha) };
    },
    awaitBuild: async ({ buildId }) => void calls.push(`await ${buildId}`),
    checkUnmoved: async ({ live: before }) => {
      calls.push(`still ${before}`);
      return { containers: ['before-1'] };
    },
    deployBuild: async ({ buildId, release }) => {
      calls.push(`deploy ${buildId}`);
      served.set(site, release.sha);
      return { deployed: 'done' };
    },
    verifyDeployment: async ({ buildId, others }) => {
      calls.push(`verify ${buildId}, not ${others.join()}`);
      return { state: live(), errors: [] };
    },
    rollBackDeployment: async ({ release }) => {
      calls.push(`rollback ${release.platformId ?? buildOf(release.sha)}`);
      served.set(site, release.sha);
      return live();
    },
  };
}
