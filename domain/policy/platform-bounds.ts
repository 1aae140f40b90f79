import type { CloudflareTarget, NorthflankTarget, Timing, VercelTarget } from '../plan.ts';

const minute = 60_000;

/** How long each platform is waited for before its step fails or asks a person. */
export const platformBounds = {
  vercel: { appearMs: 5 * minute, buildMs: 60 * minute, moveMs: 5 * minute },
  northflank: { graceMs: 2 * minute, buildMs: 60 * minute, rolloutMs: 15 * minute },
  cloudflare: {
    installMs: 5 * minute,
    buildMs: 5 * minute,
    wranglerMs: 5 * minute,
    shareMs: 2 * minute,
  },
} as const;

type Platform = VercelTarget | NorthflankTarget | CloudflareTarget;

/** The longest that a release there may wait: until it is built and tried, and from there until it is proven. */
export function longestRelease(
  target: Platform,
  timing: Timing,
): { toBuildMs: number; toProveMs: number } {
  const { scale, startUpMs, segmentMs } = timing;
  if (target.platform === 'vercel') {
    const { appearMs, buildMs, moveMs } = platformBounds.vercel;
    // Another move that is under way is waited for as well.
    return { toBuildMs: appearMs + buildMs, toProveMs: 2 * moveMs + startUpMs };
  }
  if (target.platform === 'northflank') {
    const { graceMs, buildMs, rolloutMs } = platformBounds.northflank;
    const toProveMs = Math.max(rolloutMs / scale, startUpMs);
    return { toBuildMs: (graceMs + buildMs) / scale, toProveMs };
  }
  const { installMs, buildMs, wranglerMs, shareMs } = platformBounds.cloudflare;
  const inTree = installMs + buildMs + wranglerMs;
  // At once, wrangler builds and deploys in one order.
  if (target.rollout !== 'gradual') return { toBuildMs: 0, toProveMs: inTree + startUpMs };
  const toProveMs = 2 * shareMs + segmentMs + inTree + startUpMs;
  return { toBuildMs: inTree + startUpMs, toProveMs };
}
