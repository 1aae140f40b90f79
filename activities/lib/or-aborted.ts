/**
 * Waits for `work` and returns or throws its result. If `signal` fires first, throws the signal's
 * reason at once.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const abort = () => stopped.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await Promise.race([stopped.promise, work]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
