import type { Plain } from '../../domain/contract/effect.ts';
import type { CloudflareActivities } from '../../domain/platforms/cloudflare/activities.ts';
import type { HostState, Plan } from '../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../domain/platforms/cloudflare/target.ts';
import { newSha, oldSha, planFor } from './plan.ts';

export const cloudflareTarget: CloudflareTarget = {
  platform: 'cloudflare',
  account: '0123456789abcdef0123456789abcdef',
  worker: 'agency-router',
  directory: 'workers/agency-router',
  env: null,
  rollout: 'all-at-once',
  token: 'env:CLOUDFLARE_API_TOKEN',
  api: 'https://api.cloudflare.com/client/v4',
  repository: 'https://github.com/acme/workers.git',
  url: 'https://router.example',
  preview: null,
  health: '/health',
  version: null,
  requiredVariables: [],
};
const ids: Record<string, string> = { [oldSha]: 'v-old', [newSha]: 'v-new' };

export const cloudflareState = (sha: string, id = ids[sha] ?? 'v-other'): HostState => ({
  host: 'cloudflare agency-router',
  sha,
  runningSha: sha,
  invocationId: null,
  active: true,
  healthy: true,
  id,
});

/** A plan in which v-old is live and is also the rollback target. */
export const cloudflarePlan = (changes: Partial<Plan> = {}): Plan =>
  planFor({
    target: cloudflareTarget,
    live: [cloudflareState(oldSha)],
    rollbackTarget: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: 'v-old' },
    ...changes,
  });

/** Fakes of the Cloudflare activities. Each call adds a sentence to `calls`. */
export function fakeCloudflare(calls: string[]): Plain<CloudflareActivities> {
  const say = (sentence: string) => void calls.push(sentence);
  return {
    checkServed: async ({ expected }) => say(`served is ${expected}`),
    deployWorker: async () => {
      say('wrangler deploy');
      return { id: 'v-new' };
    },
    uploadVersion: async () => {
      say('upload v-new');
      return { id: 'v-new' };
    },
    smokeVersion: async ({ id }) => {
      say(`try ${id}`);
      return { asked: 4 };
    },
    shareTraffic: async ({ id, percentage, other }) => {
      say(percentage === 100 ? `all to ${id}` : `${percentage} % to ${id}, the rest to ${other}`);
      return { shared: 'done' };
    },
    holdShare: async ({ id, other }) => {
      say(`ask ${id} beside ${other}`);
      return { asked: 120 };
    },
    setTriggers: async () => say('set triggers'),
    proveWorker: async ({ id }) => say(`prove ${id}`),
    rollBackWorker: async ({ release: { sha, platformId } }) => {
      say(`roll back to ${platformId}`);
      return cloudflareState(sha, platformId);
    },
  };
}
