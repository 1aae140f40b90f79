import type { Timing } from '../../deploy/plan.ts';

const minute = 60_000;

/**
 * The longest times for which a step waits for Vercel. After this time, the step fails or asks a
 * person.
 */
export const bounds = { appearMs: 5 * minute, buildMs: 60 * minute, moveMs: 5 * minute } as const;

/** `moveMs` counts twice, because another person's promotion or rollback may have to end first. */
export const longest = (_target: unknown, { startUpMs }: Timing) => ({
  toBuildMs: bounds.appearMs + bounds.buildMs,
  toProveMs: 2 * bounds.moveMs + startUpMs,
});
