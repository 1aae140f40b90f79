import { isCancellation } from '@temporalio/workflow';
import type { Plan } from '../domain/deploy/plan.ts';
import { previousReleaseFailsToo, outageElsewhere } from '../domain/watch/external-outage.ts';
import { comparing } from './proxies.ts';

/**
 * Checks for an external outage. Returns the reason why a rollback would not help, or null if the
 * release must be rolled back. Probes the declared dependencies. Also probes the previous release,
 * if the previous release still has its own address. If the probes take longer than 5 s, returns
 * null.
 */
export async function externalOutage(plan: Plan): Promise<string | null> {
  const said = await Promise.all([orNothing(() => before(plan)), orNothing(() => around(plan))]);
  return said.find((why) => why !== null) ?? null;
}

async function around({ warrant, watch, dependencies: before = [] }: Plan) {
  const { dependencies = [] } = watch;
  if (dependencies.length === 0) return null;
  return outageElsewhere(await comparing.probeDependencies({ dependencies, warrant }), before);
}

/**
 * Probes the previous release. This is possible only for a release with a platform id, because only
 * such a release still has an address of its own.
 */
async function before({ target, warrant, rollbackTarget, smoke }: Plan) {
  if (rollbackTarget?.platformId === undefined) return null;
  return previousReleaseFailsToo(
    await comparing.probePreviousRelease({ target, warrant, rollbackTarget, smoke }),
  );
}

async function orNothing(ask: () => Promise<string | null>): Promise<string | null> {
  try {
    return await ask();
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    return null;
  }
}
