import {
  notProven,
  stillFailingCause,
  stoppedLeftover,
} from '../../domain/messages/rollback-proof.ts';
import { serves } from '../../domain/rollback/serves.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import type { Plan, Release, ServedProof } from '../../domain/deploy/plan.ts';
import { isUnhealthyRollback, sentence } from '../closed.ts';
import { provingRollback, rollingBack } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';

/**
 * Runs one rollback step. If the rollback target is live but not healthy, the rollback of the other
 * hosts continues. The proof at the end names the failures.
 */
export async function live(rollout: Rollout, act: () => Promise<unknown>): Promise<void> {
  try {
    const done = (await act()) as { stopped?: string[] } | undefined;
    for (const leftover of done?.stopped ?? []) rollout.remember(stoppedLeftover(leftover));
  } catch (failure) {
    if (!isUnhealthyRollback(failure)) throw failure;
  }
}

/**
 * Reads every host again after the rollback. The step is stuck while a host does not serve the
 * rollback target. Then probes the sites as customers do, for at most 2 minutes. Returns the reason
 * why the rollback target fails, or null if the rollback target is proven.
 */
export async function proveRollback(rollout: Rollout, plan: Plan): Promise<string | null> {
  const release = plan.rollbackTarget;
  await rollout.runRollbackStep(
    'prove the rollback',
    async () => {
      const { target, warrant } = plan;
      const states = await rollingBack.inspectHosts({ target, warrant });
      const wrong = states.filter((state) => !release || !serves(state, release));
      if (wrong.length > 0 || states.length === 0)
        throw new Error(`not rolled back: ${wrong.map((state) => state.host).join(', ')}`);
      rollout.rolledBack(states);
    },
    plan.timing.rollbackGiveUpMs,
  );
  const proof = await served(plan, release as Release);
  rollout.show({ proof });
  if (proof.problems.length === 0) return null;
  return stillFailingCause(proof.problems, rollout.status.cause?.detail ?? 'unknown');
}

/** Proves that a release is served. If the proof cannot run, the rollback counts as not proven. */
async function served(plan: Plan, release: Release): Promise<ServedProof> {
  const { target, warrant, smoke, timing } = plan;
  try {
    return await provingRollback.proveServed({
      deploy: refOf(plan),
      warrant,
      target,
      release,
      smoke,
      timing,
    });
  } catch (failure) {
    return { requests: 0, problems: [notProven(sentence(failure))], notChecked: [] };
  }
}
