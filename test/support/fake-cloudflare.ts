import type { CloudflareTarget, HostState, Plan } from '../../domain/plan.ts';
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

/** v-old is live and what it goes back to. */
export const cloudflarePlan = (changes: Partial<Plan> = {}): Plan =>
  planFor({
    target: cloudflareTarget,
    live: [cloudflareState(oldSha)],
    restoreTo: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: 'v-old' },
    ...changes,
  });
