import { isCancellation } from '@temporalio/workflow';
import type { Plan } from '../domain/plan.ts';
import { failsAlike, outageElsewhere } from '../domain/policy/twin.ts';
import { comparing } from './proxies.ts';

/**
 * Is it us? Why going back would not help, or null. The release before is asked where it is still served, and
 * the declared dependencies. Whoever cannot tell in a few seconds says nothing: then the release goes back.
 */
export async function twin(plan: Plan): Promise<string | null> {
  const said = await Promise.all([orNothing(() => before(plan)), orNothing(() => around(plan))]);
  return said.find((why) => why !== null) ?? null;
}

async function around({ watch, dependencies: before = [] }: Plan) {
  const { dependencies = [] } = watch;
  if (dependencies.length === 0) return null;
  return outageElsewhere(await comparing.probeDependencies({ dependencies }), before);
}

/** Only a release that the platform has an id of can be served beside the one that is live. */
async function before({ target, restoreTo, smoke }: Plan) {
  if (restoreTo?.platformId === undefined) return null;
  return failsAlike(await comparing.probeTwin({ target, restoreTo, smoke }));
}

async function orNothing(ask: () => Promise<string | null>): Promise<string | null> {
  try {
    return await ask();
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    return null;
  }
}
