import type { NorthflankTarget } from '../../../domain/plan.ts';
import { createBudget } from './budget.ts';
import type { Budget, Purpose } from './budget.ts';
import { createNorthflank } from './client.ts';
import type { Northflank } from './client.ts';

/** One service, the service whose builds it deploys, and the calls that are left for both. */
export type Reach = {
  service: Northflank;
  builder(id: string): Northflank;
  budget: Budget;
  purpose: Purpose;
};
export type Connect = (target: NorthflankTarget, purpose?: Purpose) => Reach;

type Deps = {
  /** Resolves "env:NAME"; throws final misconfigured. */
  secret: (ref: string) => string;
  /** A sandbox waits that many times less. */
  timeScale: number;
  /** Of one call. */
  timeoutMs?: number;
};

/** One budget for everything that this worker asks with a token. */
export function createConnect({ secret, timeScale, timeoutMs }: Deps): Connect {
  const budgets = new Map<string, Budget>();
  const bound = timeoutMs === undefined ? {} : { timeoutMs };
  return ({ api, token: ref, team, project, service }, purpose = 'deploy') => {
    const key = `${api} ${ref}`;
    const budget = budgets.get(key) ?? createBudget({ timeScale });
    budgets.set(key, budget);
    const variable = ref.slice('env:'.length);
    const connect = createNorthflank({ api, token: secret(ref), variable, budget, ...bound });
    const at = (id: string) => connect({ team, project, service: id }, purpose);
    return { service: at(service), builder: at, budget, purpose };
  };
}
