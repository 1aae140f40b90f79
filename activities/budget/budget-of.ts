import type { PlanBudget } from '../../domain/budget.ts';
import { microsOf } from '../../domain/policy/money.ts';
import type { Config, DeployRequest, Environment } from '../../domain/schema.ts';

/** What a plan has to know of its budget; null: none is configured. */
export function budgetOf(
  { budget, requesters }: Pick<Config, 'budget' | 'requesters'>,
  environment: Pick<Environment, 'cost'>,
  { requestedBy }: Pick<DeployRequest, 'requestedBy'>,
): PlanBudget | null {
  if (!budget) return null;
  const { day, month, task, agent } = budget;
  return {
    limits: {
      ...{ day: microsOf(day), month: microsOf(month) },
      ...{ task: microsOf(task), agent: microsOf(agent) },
    },
    estimate: estimateOf(environment.cost),
    agent: Object.hasOwn(requesters, requestedBy) ? requestedBy : null,
  };
}

function estimateOf(cost: Environment['cost']): number | null {
  if (cost === undefined) return null;
  return microsOf('perDeploy' in cost ? cost.perDeploy : cost.perBuildMinute * cost.buildMinutes);
}
