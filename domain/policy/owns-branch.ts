import { isAutomatic, isProduction } from './rule.ts';

export type Chain = Readonly<Record<string, { after?: string | undefined }>>;

/**
 * Whose failure may take the branch back: never one that is deployed without a human by its name. Production
 * decides; without one, what comes after another; without a chain, the environment that is listed last. Of
 * several in one chain the last.
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

/** All that come before it, the nearest first. Ends also where the chain is a ring. */
export function before(environment: string, chain: Chain): string[] {
  const found: string[] = [];
  for (let at = environment; ;) {
    const next = Object.hasOwn(chain, at) ? chain[at]?.after : undefined;
    if (next === undefined || found.includes(next)) return found;
    found.push(next);
    at = next;
  }
}
