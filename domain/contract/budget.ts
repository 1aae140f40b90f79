import type { Effect } from './effect.ts';
import type { BudgetAlert, BudgetReport } from '../deploy/budget.ts';

export interface BudgetActivities {
  /**
   * Reads new lines of the cost files into the ledger and adds up the costs. Throws a final failure
   * of type 'misconfigured' if no budget is configured.
   */
  tallyBudget: Effect<[], BudgetReport>;
  /**
   * Returns the alerts that the ledger does not list as sent. After an alert was sent, record its
   * keys.
   */
  dueAlerts(input: { report: BudgetReport }): Promise<BudgetAlert[]>;
}
