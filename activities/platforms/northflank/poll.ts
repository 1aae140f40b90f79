import { cancellation } from '../../lib/temporal-context.ts';
import { hints } from '../../lib/hints.ts';
import { poll } from '../../lib/poll.ts';
import type { Budget, Purpose } from './api/budget.ts';

export type Polling = {
  budget: Budget;
  purpose: Purpose;
  /** The number of API calls of one read. Default: 1. */
  calls?: number;
  /**
   * A function that is called before every pause. `slow` is the reason why the pause is longer than
   * usual. null means that the pause is not longer.
   */
  say?: (slow: string | null) => void;
};

/**
 * Calls `read` until it returns a result. The budget sets the pause between two calls of `read`.
 * Throws the errors of `read`, and throws if the activity is cancelled.
 */
export async function pollUntil<T>(
  { budget, purpose, calls, say }: Polling,
  read: () => Promise<T | undefined>,
): Promise<T> {
  const leave = budget.poller();
  const pause = async () => {
    const { ms, slow } = budget.pause(purpose, calls);
    say?.(slow);
    await hints.pause('northflank', { ms, leastMs: ms / 3 }, cancellation());
  };
  try {
    return await poll({ pause }, read);
  } finally {
    leave();
  }
}
