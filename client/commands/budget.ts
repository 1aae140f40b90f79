import { randomUUID } from 'node:crypto';
import type { BudgetReport } from '../../domain/budget.ts';
import { messages } from '../../domain/messages.ts';
import { isOver, usedBy } from '../../domain/policy/budget.ts';
import { budgetLines, missingLines, untoldLines } from '../../domain/policy/budget-words.ts';
import { clean } from '../clean.ts';
import { withSession } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint, type Paint } from '../paint.ts';
import { checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';

/** What was spent and what is held, summed up by a worker. Exit 7: nothing is deployed but a P0. */
export const budget = (io: Io): Promise<number> =>
  withSession(io, async (session) => {
    const { taskQueue } = await findWorker(io, session);
    await checkPolled(session, taskQueue);
    const report = await runReadOnly<BudgetReport>(session, {
      type: messages.budget,
      taskQueue,
      workflowId: `budget/${randomUUID()}`,
      input: { tell: false, channel: null },
      summary: 'budget, read only',
    });
    io.data(report, renderBudget(report, createPaint(io.color)));
    return halted(report) ? exitCodes.gateClosed : exitCodes.ok;
  });

/** For everybody, whoever may still spend. */
export const halted = ({ used, limits, sourceErrors }: BudgetReport): boolean =>
  sourceErrors.length > 0 || isOver(used.day, limits.day, 0) || isOver(used.month, limits.month, 0);

export function renderBudget(report: BudgetReport, paint: Paint): string {
  const shown = clean(report);
  const over = Object.keys(report.used.agents).filter((agent) =>
    isOver(usedBy(report.used, agent), report.limits.agent, 0),
  );
  return [
    ...(halted(report) ? [paint.bad('HALTED: nothing is deployed but --priority P0')] : []),
    ...over.map((agent) => paint.warn(`${clean(agent)} may deploy nothing more today`)),
    ...budgetLines(shown),
    ...[...missingLines(shown), ...untoldLines(shown)].map(paint.warn),
  ].join('\n');
}
