import type { Task } from '../contract/session.ts';
import { releasesSummary } from './late-rollback.ts';
import { reconcileSummary } from './lost-deploy.ts';
import { short } from './parts/format.ts';
import { planSummary } from './request.ts';

/** Returns one line about a short workflow for the list in the Web UI, at most 190 characters. */
export const taskSummary = (task: Task): string => summaryOf(task).slice(0, 190);

function summaryOf(it: Task): string {
  switch (it.task) {
    case 'plan':
      return planSummary(it.input.request);
    case 'adopt': {
      const { project, environment } = it.input.request;
      return `adopt the live release of ${project} ${environment}`;
    }
    case 'lift': {
      const { sha, project, environment } = it.input.signed.decision;
      return `lift the quarantine of ${short(sha)} in ${project} ${environment}`;
    }
    case 'waive': {
      const { signed, finding, until } = it.input;
      const { project, environment } = signed.decision;
      return `waive ${finding} in ${project} ${environment} until ${until}`;
    }
    case 'stopLine':
      return it.input.lift ? 'lift the stop of the line' : 'stop the line';
    case 'reconcile':
      return reconcileSummary;
    case 'closeIncident':
      return `${it.input.incident} is closed by ${it.input.by}`;
    case 'releases':
      return releasesSummary(it.input);
    case 'history':
      return 'history, read only';
    case 'budget':
      return 'budget, read only';
    case 'verifyLedger':
      return 'verify the ledger, read only';
  }
}
