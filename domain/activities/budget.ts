import type { BudgetReport } from '../budget.ts';
import type { BudgetAlert } from '../policy/budget-alerts.ts';

export interface BudgetActivities {
  /** Takes new lines of costs into the ledger and sums up. Final misconfigured: no budget. */
  tallyBudget(): Promise<BudgetReport>;
  /** What people were not told yet, by the ledger; the keys of each are recorded once it was told. */
  dueAlerts(input: { report: BudgetReport }): Promise<BudgetAlert[]>;
}
