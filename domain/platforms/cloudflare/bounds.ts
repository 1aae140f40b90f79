import type { Timing } from '../../deploy/plan.ts';
import type { CloudflareTarget } from './target.ts';

const minute = 60_000;

/**
 * The longest times for which a step waits for npm, wrangler or Cloudflare. After this time, the
 * step fails or asks a person.
 */
export const bounds = {
  installMs: 5 * minute,
  buildMs: 5 * minute,
  bundleMs: 3 * minute,
  /**
   * The time for one attempt of wrangler. An upload of 20,000 assets takes minutes. The next
   * attempt uploads only the missing files.
   */
  wranglerMs: 12 * minute,
  shareMs: 2 * minute,
} as const;

export function longest({ rollout }: CloudflareTarget, { startUpMs, segmentMs }: Timing) {
  const { installMs, buildMs, bundleMs, wranglerMs, shareMs } = bounds;
  const inTree = installMs + buildMs + bundleMs + wranglerMs;
  // In an all-at-once release, wrangler builds and deploys in one command.
  if (rollout !== 'gradual') return { toBuildMs: 0, toProveMs: inTree + startUpMs };
  const toProveMs = 2 * shareMs + segmentMs + inTree + startUpMs;
  return { toBuildMs: inTree + startUpMs, toProveMs };
}
