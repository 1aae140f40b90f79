import type { Platform, Site, Target, TargetOf } from '../plan.ts';

const all: { [P in Platform]: (target: TargetOf<P>) => Site[] } = {
  cloudflare: ({ worker, url }) => [{ name: `cloudflare ${worker}`, url }],
  northflank: ({ service, url }) => [{ name: `northflank ${service}`, url }],
  vercel: ({ project, url }) => [{ name: `vercel ${project}`, url }],
  vps: ({ hosts }) => hosts.map(({ name, url }) => ({ name, url })),
};

/** Every place that serves the release to the world. */
export const sitesOf = (target: Target): Site[] =>
  (all[target.platform] as (target: Target) => Site[])(target);
