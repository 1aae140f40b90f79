import { z } from 'zod';
import type { CostLine } from '../../domain/deploy/budget.ts';
import { microsOf } from '../../domain/lib/money.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0);
const text = z.string().max(200);

const Line = z.object({
  timestamp: z.iso.datetime({ offset: true }),
  agent: text.min(1),
  model: text.nullish(),
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.number().min(0).max(1_000_000),
});

const aDayMs = 86_400_000;
export type ReadLine = Pick<
  CostLine,
  'at' | 'agent' | 'model' | 'inputTokens' | 'outputTokens' | 'micros' | 'why'
>;

/**
 * Parses one line of a cost file. If the line cannot be read, `micros` is null and `why` is the
 * reason.
 */
export function readCostLine(line: string, now: number): ReadLine {
  const value = parsed(line);
  if (value === undefined) return bad('it is not JSON', now);
  const read = Line.safeParse(value);
  if (!read.success) return bad(whyOf(read.error.issues[0]), now);
  const { timestamp, agent, model, input_tokens, output_tokens, cost_usd } = read.data;
  const at = Date.parse(timestamp);
  if (at > now + aDayMs)
    return bad(`"timestamp" is ${timestamp}, more than a day in the future`, now);
  return {
    ...{ at: new Date(at).toISOString(), agent, model: model ?? null },
    ...{ inputTokens: input_tokens, outputTokens: output_tokens },
    ...{ micros: microsOf(cost_usd), why: null },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * Returns the reason why a line cannot be read. The reason never contains the value in the line,
 * because a cost file may contain a secret.
 */
function whyOf(issue: z.core.$ZodIssue | undefined): string {
  const name = issue?.path.map(String).join('.') ?? '';
  if (name === '') return 'it is not an object';
  return `"${name.slice(0, 40)}" is not ${wanted[name] ?? 'valid'}`;
}

const wanted: Record<string, string> = {
  timestamp: 'a time such as 2026-11-24T08:00:00Z',
  agent: 'a name',
  model: 'a name',
  input_tokens: 'a whole number',
  output_tokens: 'a whole number',
  cost_usd: 'an amount in dollars',
};

const bad = (why: string, now: number): ReadLine => ({
  ...{ at: new Date(now).toISOString(), agent: null, model: null },
  ...{ inputTokens: 0, outputTokens: 0, micros: null, why },
});
