import type { BudgetReport } from '../../domain/deploy/budget.ts';
import { isOver, usedBy } from '../../domain/budget/budget.ts';
import { budgetLines, missingLines, unreportedLines } from '../../domain/messages/budget.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { withSession } from '../session/connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint, type Paint } from '../../domain/messages/parts/paint.ts';
import { checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import { signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export const listing: Listing = {
  group: 'Look back',
  order: 3,
  summary: 'show the spent, reserved and remaining budget; exit 7 if only a P0 deploy may start',
};

export const verb: Verb = (command, execute) =>
  signed(command).action((options) => execute((io) => budget(io, options)));

/**
 * Shows the spent and reserved costs, which a worker adds up. Exit 7: only a deploy with priority
 * P0 may start.
 */
export const budget = (io: Io, who: IdentityOptions = {}): Promise<number> =>
  withSession(io, who, async (session) => {
    const { taskQueue } = await findWorker(io, session);
    await checkPolled(session, taskQueue);
    const task = { task: 'budget', input: null } as const;
    const report = await runTask<BudgetReport>(session, taskQueue, task);
    io.data(report, renderBudget(report, createPaint(io.color)));
    return halted(report) ? exitCodes.gateClosed : exitCodes.ok;
  });

/** Returns true if the day or month limit is reached, or if a source of costs cannot be read. */
export const halted = ({ used, limits, sourceErrors }: BudgetReport): boolean =>
  sourceErrors.length > 0 || isOver(used.day, limits.day, 0) || isOver(used.month, limits.month, 0);

export function renderBudget(report: BudgetReport, paint: Paint): string {
  const shown = clean(report);
  const over = Object.keys(report.used.agents).filter((agent) =>
    isOver(usedBy(report.used, agent), report.limits.agent, 0),
  );
  return [
    ...(halted(report) ? [paint.bad('HALTED: only a deploy with --priority P0 may start')] : []),
    ...over.map((agent) => paint.warn(`${clean(agent)} may not deploy any more today`)),
    ...budgetLines(shown),
    ...[...missingLines(shown), ...unreportedLines(shown)].map(paint.warn),
  ].join('\n');
}
