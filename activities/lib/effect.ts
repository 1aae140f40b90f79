import type { Activities, EffectName, PlainActivities } from '../../domain/contract/activities.ts';

const names = new WeakMap<object, EffectName>();

/**
 * Makes an effect, which is an activity that changes something outside of the worker. Every effect
 * is made by this function, so a check before every effect belongs here. At present there is no
 * such check.
 */
export function effect<Name extends EffectName>(
  name: Name,
  work: PlainActivities[Name],
): Activities[Name] {
  const act = work as (...args: unknown[]) => Promise<unknown>;
  const made = async (...args: unknown[]) => await act(...args);
  names.set(made, name);
  return made as unknown as Activities[Name];
}

/** Returns the name of an effect; undefined = the activity was not made by `effect`. */
export const effectName = (activity: object): EffectName | undefined => names.get(activity);
