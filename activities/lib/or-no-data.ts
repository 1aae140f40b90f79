import type { Sample } from '../../domain/deploy/plan.ts';

/**
 * Returns the sample of a source. Returns null if the source fails, because then there is no data.
 * A failure of the source does not mean that the sample is bad. Throws only if `signal` fires.
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
