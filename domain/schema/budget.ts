import { z } from 'zod';
import { AbsolutePath, HttpUrl, SecretRef } from './words.ts';

const Dollars = z.number().min(0).max(1_000_000);

/** Limits in dollars. The day and the month are those of UTC; at 100 % of one nothing begins but a P0. */
export const Budget = z.strictObject({
  day: Dollars.default(20),
  month: Dollars.default(1000),
  /** A deploy that costs more needs a human everywhere. */
  task: Dollars.default(5),
  /** What one agent may cost a day. */
  agent: Dollars.default(10),
  /** JSON Lines: {timestamp, agent, model, input_tokens, output_tokens, cost_usd}; read by the worker as they grow. */
  costs: z.array(AbsolutePath).max(50).default([]),
  /** The same costs, summed up by another service. */
  summary: z.strictObject({ url: HttpUrl, token: SecretRef.optional() }).optional(),
});

/** What one deploy costs, in dollars. */
export const Cost = z.union(
  [
    z.strictObject({ perDeploy: Dollars }),
    z.strictObject({ perBuildMinute: Dollars, buildMinutes: z.number().min(0).max(1440) }),
  ],
  { error: 'use { perDeploy: DOLLARS }, or { perBuildMinute: DOLLARS, buildMinutes: MINUTES }' },
);
