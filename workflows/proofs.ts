import { CancellationScope } from '@temporalio/workflow';
import type { Rollout } from './rollout.ts';

/**
 * Runs the judgement and all proofs together. The verdict counts only after every proof has
 * succeeded. A failed proof ends the judgement at once.
 */
export async function whileProving<T>(rollout: Rollout, judge: () => Promise<T>): Promise<T> {
  const judging = new CancellationScope();
  try {
    return await judging.run(async () => {
      const proofs = rollout.proofs.map((prove) => prove());
      const [verdict] = await Promise.all([judge(), ...proofs]);
      return verdict;
    });
  } catch (failure) {
    judging.cancel();
    throw failure;
  }
}

/**
 * Waits for `act` until the scope is cancelled, and ignores a later result. The activity itself is
 * never cancelled: a cancelled activity that fails later would break the workflow. In SDK core
 * 1.24, the state `Canceled` of an activity accepts neither a failure nor a timeout.
 */
export const unlessCancelled = <T>(act: () => Promise<T>): Promise<T> =>
  Promise.race([
    CancellationScope.nonCancellable(act),
    CancellationScope.current().cancelRequested,
  ]);
