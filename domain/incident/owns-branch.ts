import { isAutomatic, isProduction } from '../approval/rule.ts';

export type Chain = Readonly<Record<string, { after?: string | undefined }>>;

/**
 * Returns true if failures in this environment may revert the branch. Production environments may.
 * If there are none, the environments with `after` may. If there are none of these either, only the
 * last environment may. An environment with an automatic name, such as staging, never may. If
 * several of these environments are in one chain, only the last one may.
 */
export function ownsBranch(environment: string, chain: Chain): boolean {
  const names = Object.keys(chain).filter((name) => !isAutomatic(name));
  const production = names.filter(isProduction);
  const later = names.filter((name) => chain[name]?.after !== undefined);
  const deciding = [production, later].find((group) => group.length > 0) ?? names.slice(-1);
  return (
    deciding.includes(environment) &&
    !deciding.some((name) => before(name, chain).includes(environment))
  );
}

/**
 * Returns all environments that come before `environment` in the chain of `after`, nearest first.
 * In a circular chain, each environment is listed once.
 */
export function before(environment: string, chain: Chain): string[] {
  const found: string[] = [];
  for (let at = environment; ;) {
    const next = Object.hasOwn(chain, at) ? chain[at]?.after : undefined;
    if (next === undefined || found.includes(next)) return found;
    found.push(next);
    at = next;
  }
}
