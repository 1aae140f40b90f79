import { isCancellation } from '@temporalio/workflow';
import type { Plan } from '../domain/plan.ts';
import { outageElsewhere } from '../domain/policy/twin.ts';
import { comparing } from './proxies.ts';

/**
 * Is it us? Why going back would not help, or null. Whoever cannot tell in a few seconds says nothing: then
 * the release goes back.
 */
export async function twin({ watch, dependencies: before = [] }: Plan): Promise<string | null> {
  const { dependencies = [] } = watch;
  if (dependencies.length === 0) return null;
  try {
    return outageElsewhere(await comparing.probeDependencies({ dependencies }), before);
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    return null;
  }
}
