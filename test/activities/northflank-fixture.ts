import { createBudget } from '../../activities/platforms/northflank/budget.ts';
import type { Budget, Purpose } from '../../activities/platforms/northflank/budget.ts';
import { createNorthflank } from '../../activities/platforms/northflank/client.ts';
import type { Northflank, Place } from '../../activities/platforms/northflank/client.ts';
import { token } from '../sandbox/northflank-fixture.ts';

export const here: Place = { project: 'openclaw', service: 'gateway' };

type Options = {
  secret?: string;
  budget?: Budget;
  place?: Place;
  purpose?: Purpose;
  timeoutMs?: number;
};

/** Our client; its token is said to come from NORTHFLANK_TOKEN. */
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

/** The failure as Temporal sees it. */
export const failureOf = async (call: Promise<unknown>): Promise<Told> => {
  const cause = await call.then(
    () => new Error('it worked'),
    (error) => error,
  );
  const { type, message, nonRetryable, nextRetryDelay } = cause;
  return { type, message, nonRetryable, ...(nextRetryDelay ? { nextRetryDelay } : {}) };
};
