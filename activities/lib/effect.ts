import type { Activities, EffectName, PlainActivities } from '../../domain/contract/activities.ts';
import { inAttempt } from './attempt.ts';

const names = new WeakMap<object, EffectName>();

/**
 * Makes an effect: an activity that changes something outside of the worker. Every effect comes
 * from this function. A check that must run before every effect belongs here. The work of an
 * effect sends nothing any more when its attempt is late: see `inAttempt`.
 */
export function effect<Name extends EffectName>(
  name: Name,
  work: PlainActivities[Name],
): Activities[Name] {
  const act = work as (...args: unknown[]) => Promise<unknown>;
  const made = async (...args: unknown[]) => await inAttempt(() => act(...args));
  names.set(made, name);
  return made as unknown as Activities[Name];
}

/** Returns the name of an effect. Returns undefined if the activity is not an effect. */
export const effectName = (activity: object): EffectName | undefined => names.get(activity);
