import type { Look } from '../../domain/plan.ts';

/** A source that gives no answer is blind for this look, never a failed one. Throws only when `signal` aborted. */
export async function orBlind(look: () => Promise<Look['log']>, signal: AbortSignal | undefined) {
  try {
    return await look();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    return null;
  }
}
