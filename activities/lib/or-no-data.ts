import type { Sample } from '../../domain/deploy/plan.ts';

/**
 * Returns the sample of a source. If the source fails, returns null. This means that there is no
 * data, not that the sample is bad. Throws only if `signal` fires.
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
