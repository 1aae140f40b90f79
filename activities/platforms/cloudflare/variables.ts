import type { CloudflareTarget } from '../../../domain/plan.ts';
import type { Driver } from '../driver.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';

/** Secrets, variables and other bindings of the worker. Before its first deploy it may have secrets alone. */
export async function variablesAt({
  target,
  client,
}: At): ReturnType<Driver<CloudflareTarget>['variables']> {
  const { requiredVariables } = target;
  const host = nameOf(target);
  if (requiredVariables.length === 0) return { hosts: [{ host, missing: [] }], sourceErrors: [] };
  const there = (await client.service()) !== null;
  const names = there ? await Promise.all([client.secretNames(), client.bindingNames()]) : [];
  const known = new Set(names.flat());
  const missing = requiredVariables.filter((name) => !known.has(name));
  return { hosts: [{ host, missing }], sourceErrors: [] };
}
