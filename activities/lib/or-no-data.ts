import type { Sample } from '../../domain/deploy/plan.ts';

/**
 * Returns the sample. If the source fails, returns null, which means no data and not a bad sample.
 * Throws only if `signal` aborted.
 */
export async function orNoData(
  sample: () => Promise<Sample['log']>,
  signal: AbortSignal | undefined,
) {
  try {
    return await sample();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    return null;
  }
}
