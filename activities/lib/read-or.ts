import { cancellation } from './temporal-context.ts';
import { finalFailures } from '../../domain/deploy/failures.ts';
import { ApplicationFailure } from '@temporalio/common';
/**
 * Reads a source. After a final failure, adds the reason to `errors` and returns `otherwise`.
 * Throws every other failure, because a later read may succeed. Then Temporal retries the gate. If
 * no retry succeeds, the gate closes.
 */
export async function readOr<T>(
  errors: string[],
  read: () => Promise<T>,
  otherwise: T,
): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof ApplicationFailure) || !finalFailures.includes(cause.type ?? ''))
      throw cause;
    errors.push(reasonOf(cause));
    return otherwise;
  }
}

/**
 * Works like `readOr`, but for a deploy that cannot wait for retries. After every failure, adds the
 * reason to `errors` and returns `otherwise`. Throws only if the activity is cancelled.
 */
export const readNow: typeof readOr = async (errors, read, otherwise) => {
  try {
    return await read();
  } catch (cause) {
    if (cancellation()?.aborted) throw cause;
    errors.push(reasonOf(cause as Error));
    return otherwise;
  }
};

const reasonOf = ({ message }: Error) => message.replaceAll('\n', ' ').replace(/\.$/, '');
