import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { Driver } from '../driver.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';

/**
 * Returns the required variables that are missing at Cloudflare. A variable counts as present if a
 * secret, a variable or another binding has its name. If the worker does not exist yet, every
 * required variable is missing.
 */
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
