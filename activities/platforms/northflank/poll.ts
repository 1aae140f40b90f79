import { cancellation } from '../../git/pulse.ts';
import { hints } from '../../lib/hints.ts';
import type { Budget, Purpose } from './budget.ts';

export type Polling = {
  budget: Budget;
  purpose: Purpose;
  /** Calls that one look costs; default 1. */
  calls?: number;
  /** Told before every wait: why it is longer than usual, or null. */
  say?: (slow: string | null) => void;
};

/** Looks until there is something; at the pace of the budget. Throws what `look` throws, and a cancel. */
export async function pollUntil<T>(
  { budget, purpose, calls, say }: Polling,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const leave = budget.poller();
  try {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      const { ms, slow } = budget.pause(purpose, calls);
      say?.(slow);
      await hints.pause('northflank', { ms, leastMs: ms / 3 }, cancellation());
    }
  } finally {
    leave();
  }
}
