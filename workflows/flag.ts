import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Rollout } from './rollout.ts';

/**
 * A person's report interrupts whatever judges the release; then people decide. One that came earlier, while
 * the release was on its way to the hosts, waits for this moment.
 */
export async function unlessFlagged<T>(
  rollout: Rollout,
  judge: () => Promise<T>,
  ask: () => Promise<T>,
): Promise<T> {
  const judging = new CancellationScope();
  rollout.onFlag = () => judging.cancel();
  try {
    return await judging.run(async () => {
      if (rollout.status.flags?.length) judging.cancel();
      return await judge();
    });
  } catch (failure) {
    const interrupted = isCancellation(failure) && rollout.status.flags?.length;
    if (!interrupted || CancellationScope.current().consideredCancelled) throw failure;
    return await ask();
  } finally {
    rollout.onFlag = null;
  }
}
