import { CancellationScope } from '@temporalio/workflow';
import type { Rollout } from './rollout.ts';

/** No verdict counts before every proof is there; one that fails ends the judgement at once. */
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
