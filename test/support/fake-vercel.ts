import type { Plain } from '../../domain/contract/effect.ts';
import type { VercelActivities } from '../../domain/platforms/vercel/activities.ts';
import type { HostState, Plan } from '../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../domain/platforms/vercel/target.ts';
import { newSha, oldSha, planFor } from './plan.ts';

export const vercelTarget: VercelTarget = {
  platform: 'vercel',
  project: 'barber-crm',
  team: 'acme',
  token: 'env:VERCEL_TOKEN',
  bypass: 'env:VERCEL_BYPASS',
  api: 'https://api.vercel.com',
  repository: 'https://github.com/acme/barber-crm.git',
  branch: 'main',
  url: 'https://barber.example',
  health: '/healthz',
  version: null,
  requiredVariables: [],
};
const ids: Record<string, string> = { [oldSha]: 'dpl_old', [newSha]: 'dpl_new' };

export const vercelState = (sha: string, id = ids[sha] ?? 'dpl_other'): HostState => ({
  host: 'vercel barber-crm',
  sha,
  runningSha: sha,
  invocationId: null,
  active: true,
  healthy: true,
  id,
});

/** A plan in which dpl_old is live and is also the rollback target. */
export const vercelPlan = (changes: Partial<Plan> = {}): Plan =>
  planFor({
    target: vercelTarget,
    live: [vercelState(oldSha)],
    rollbackTarget: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: 'dpl_old' },
    ...changes,
  });

/** Fakes of the Vercel activities. Each call adds a sentence to `calls`. */
export function fakeVercel(calls: string[]): Plain<VercelActivities> {
  const say = (sentence: string) => void calls.push(sentence);
  return {
    checkProduction: async ({ expected }) => say(`production is ${expected}`),
    pickDeployment: async ({ again, pushed }) => {
      say(`find the build${again ? ', a new one' : ''}${pushed ? ', it was pushed' : ''}`);
      return { id: 'dpl_new' };
    },
    awaitDeployment: async ({ id }) => say(`wait for ${id}`),
    smokeDeployment: async ({ id }) => {
      say(`smoke ${id}`);
      return { asked: 3 };
    },
    promoteDeployment: async ({ id }) => {
      say(`promote ${id}`);
      return { promoted: 'done' };
    },
    turnAutoAssignOff: async () => {
      say('auto-assign off');
      return { turned: 'done' };
    },
    proveProduction: async ({ id }) => say(`prove ${id}`),
    rollBackProduction: async ({ release: { sha, platformId } }) => {
      say(`roll back to ${platformId}`);
      return vercelState(sha, platformId);
    },
  };
}
