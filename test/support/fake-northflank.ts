import type { NorthflankActivities } from '../../domain/activities/northflank.ts';
import type { NorthflankTarget, Plan, PlanOn } from '../../domain/plan.ts';
import { sitesOf } from '../../domain/policy/sites.ts';
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

/** A complete plan of one service at Northflank; its builds are named by the first digit of their commit. */
export const northflankPlan = (changes: Partial<Plan> = {}) =>
  planFor({
    target: northflankTarget,
    live: [{ ...hostState(site, oldSha), id: buildOf(oldSha) }],
    restoreTo: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: buildOf(oldSha) },
    ...changes,
  }) as Plan as PlanOn<NorthflankTarget>;

/** `served`: what each place serves; the way back and `inspectHosts` are told by it. */
export function fakeNorthflank(calls: string[], served: Map<string, string>): NorthflankActivities {
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
    restoreDeployment: async ({ release }) => {
      calls.push(`restore ${release.platformId ?? buildOf(release.sha)}`);
      served.set(site, release.sha);
      return live();
    },
  };
}
