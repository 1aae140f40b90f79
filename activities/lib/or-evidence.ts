import { cancellation } from './temporal-context.ts';

/**
 * Reads a log. If the read fails, returns one line with the name of the log (`what`) and the
 * reason. Throws only if the activity is cancelled.
 */
export async function orEvidence(what: string, read: () => Promise<string[]>): Promise<string[]> {
  try {
    return await read();
  } catch (failure) {
    if (cancellation()?.aborted) throw failure;
    return [`${what} could not be read: ${(failure as Error).message}`];
  }
}
