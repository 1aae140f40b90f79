import type { Timing } from '../../deploy/plan.ts';

const minute = 60_000;

/**
 * The longest times for which a step waits for Northflank. After this time, the step fails or asks
 * a person.
 */
export const bounds = {
  graceMs: 2 * minute,
  buildMs: 60 * minute,
  rolloutMs: 15 * minute,
} as const;

export const longest = (_target: unknown, { scale, startUpMs }: Timing) => ({
  toBuildMs: (bounds.graceMs + bounds.buildMs) / scale,
  toProveMs: Math.max(bounds.rolloutMs / scale, startUpMs),
});
