import { createBudget } from '../../../../activities/platforms/northflank/api/budget.ts';
import type { Budget, Purpose } from '../../../../activities/platforms/northflank/api/budget.ts';
import { createNorthflank } from '../../../../activities/platforms/northflank/api/client.ts';
import type { Northflank, Place } from '../../../../activities/platforms/northflank/api/client.ts';
import { token } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';

export const here: Place = { project: 'openclaw', service: 'gateway' };

type Options = {
  secret?: string;
  budget?: Budget;
  place?: Place;
  purpose?: Purpose;
  timeoutMs?: number;
};

/**
 * Plimsoll's client for Northflank. Its errors name NORTHFLANK_TOKEN as the variable of its token.
 */
export const clientAt = (api: string, options: Options = {}): Northflank => {
  const { secret = token, budget = createBudget(), place = here, purpose, timeoutMs } = options;
  const bound = timeoutMs === undefined ? {} : { timeoutMs };
  const deps = { api, token: secret, variable: 'NORTHFLANK_TOKEN', budget, ...bound };
  return createNorthflank(deps)(place, purpose);
};

export type Told = {
  type: string;
  message: string;
  nonRetryable: boolean;
  nextRetryDelay?: number;
};

/** The parts of the failure that Temporal sees. */
export const failureOf = async (call: Promise<unknown>): Promise<Told> => {
  const cause = await call.then(
    () => new Error('the call did not fail'),
    (error) => error,
  );
  const { type, message, nonRetryable, nextRetryDelay } = cause;
  return { type, message, nonRetryable, ...(nextRetryDelay ? { nextRetryDelay } : {}) };
};
