import type { PlatformSpec } from '../platform.ts';
import type { CloudflareActivities } from './activities.ts';
import { longest } from './bounds.ts';
import { service } from './calls.ts';
import { effects } from './effects.ts';
import type { CloudflareEnvironment } from './schema.ts';
import { schema } from './schema.ts';
import { steps } from './steps.ts';
import type { CloudflareTarget } from './target.ts';

export type Cloudflare = {
  target: CloudflareTarget;
  environment: CloudflareEnvironment;
  activities: CloudflareActivities;
};

export const cloudflare: PlatformSpec<Cloudflare> = {
  schema,
  sites: ({ worker, url }) => [{ name: `cloudflare ${worker}`, url }],
  health: ({ worker, url, health }) => [
    { name: `cloudflare ${worker}`, url: new URL(health, url).href },
  ],
  places: (target) => [target],
  checkCommand: () => null,
  steps,
  effects,
  buildsOnWorker: true,
  longest,
  // Cloudflare runs Workers Builds by itself for a connected repository. Its GitHub App "Cloudflare
  // Workers and Pages" (id 85455) reports one check run for each Worker. Sources: cloudflare-docs,
  // workers/ci-cd/builds/git-integration, and public repositories whose rulesets require "Workers
  // Builds: NAME".
  buildChecks: ({ worker }) => [`Workers Builds: ${worker}`],
  service,
  webhook: false,
  keys: {
    marked: [
      { rule: 'cloudflare', pattern: /\bcf(?:k|ut|at)_[A-Za-z0-9_-]{32,}/g },
      { rule: 'cloudflare-origin-ca', pattern: /\bv1\.0-[0-9a-f]{24}-[0-9a-f]{146}\b/g },
    ],
    named: ['cloudflare', '\\bcf'],
    published: { 'cloudflare, in its documentation': ['5269a1238ad7788b'] },
  },
  summaries: {
    checkServed: 'Cloudflare: check that nobody else deployed',
    deployWorker: 'wrangler deploy',
    uploadVersion: 'wrangler versions upload',
    smokeVersion: 'smoke at the address of the version',
    shareTraffic: 'wrangler versions deploy',
    holdShare: 'probe the version that has 10 % of the traffic',
    setTriggers: 'wrangler triggers deploy',
    proveWorker: 'prove that the worker serves the version',
    rollBackWorker: 'wrangler rollback to the previous release',
  },
  kinds: {
    checkServed: 'read',
    deployWorker: 'effect',
    uploadVersion: 'effect',
    smokeVersion: 'read',
    shareTraffic: 'effect',
    holdShare: 'read',
    setTriggers: 'effect',
    proveWorker: 'read',
    rollBackWorker: 'effect',
  },
};
