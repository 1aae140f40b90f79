import type { PlanBudget } from '../../domain/deploy/budget.ts';
import { microsOf } from '../../domain/lib/money.ts';
import type { Config, DeployRequest, Environment } from '../../domain/config/config.ts';

/** Returns the budget for a plan, in micro-dollars. null means that no budget is configured. */
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
