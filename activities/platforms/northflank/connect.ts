import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { createBudget } from './api/budget.ts';
import type { Budget, Purpose } from './api/budget.ts';
import { createNorthflank } from './api/client.ts';
import type { Northflank } from './api/client.ts';

/**
 * The calls about the deployed service (`service`) and about the service that makes the builds
 * (`builder`). Both share one `budget` of calls.
 */
export type Reach = {
  service: Northflank;
  builder(id: string): Northflank;
  budget: Budget;
  purpose: Purpose;
};
export type Connect = (target: NorthflankTarget, purpose?: Purpose) => Reach;

type Deps = {
  /**
   * Returns the value of the variable in "env:NAME". Throws a final failure of type 'misconfigured'
   * if the variable is not set.
   */
  secret: (ref: string) => string;
  /** The factor by which a sandbox divides its pauses. Outside of a sandbox the factor is 1. */
  timeScale: number;
  /** Time limit of one call, in milliseconds. */
  timeoutMs?: number;
};

/**
 * Makes the function that connects to a service. All connections with the same token share one
 * budget of calls.
 */
export function createConnect({ secret, timeScale, timeoutMs }: Deps): Connect {
  const budgets = new Map<string, Budget>();
  const bound = timeoutMs === undefined ? {} : { timeoutMs };
  return ({ api, token: ref, team, project, service }, purpose = 'deploy') => {
    const key = `${api} ${ref}`;
    const budget = budgets.get(key) ?? createBudget({ timeScale });
    budgets.set(key, budget);
    const variable = ref.slice('env:'.length);
    const connect = createNorthflank({ api, token: secret(ref), variable, budget, ...bound });
    // The id of a build service in another project is "project/service".
    const at = (id: string) => {
      const [own = '', other] = id.split('/');
      const place =
        other === undefined ? { project, service: own } : { project: own, service: other };
      return connect({ team, ...place }, purpose);
    };
    return { service: at(service), builder: at, budget, purpose };
  };
}
