import { z } from 'zod';
import { AbsolutePath, HttpUrl, SecretRef } from './words.ts';

const Dollars = z.number().min(0).max(1_000_000);

/**
 * Spending limits in dollars, for each UTC day and month. At 100 % of a limit, only P0 deploys can
 * begin.
 */
export const Budget = z.strictObject({
  day: Dollars.default(20),
  month: Dollars.default(1000),
  /** A deploy that costs more than this amount needs a human in every environment. */
  task: Dollars.default(5),
  /** The limit for each agent and day. */
  agent: Dollars.default(10),
  /**
   * Cost files in JSON Lines: {timestamp, agent, model, input_tokens, output_tokens, cost_usd}. The
   * worker also reads lines that are added later.
   */
  costs: z.array(AbsolutePath).max(50).default([]),
  /** A service that reports the sums of the same costs. */
  summary: z.strictObject({ url: HttpUrl, token: SecretRef.optional() }).optional(),
});

/** The cost of one deploy, in dollars. */
export const Cost = z.union(
  [
    z.strictObject({ perDeploy: Dollars }),
    z.strictObject({ perBuildMinute: Dollars, buildMinutes: z.number().min(0).max(1440) }),
  ],
  { error: 'use { perDeploy: DOLLARS }, or { perBuildMinute: DOLLARS, buildMinutes: MINUTES }' },
);
