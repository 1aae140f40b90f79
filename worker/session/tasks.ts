import { randomUUID } from 'node:crypto';
import type { Task } from '../../domain/contract/session.ts';
import { messages } from '../../domain/deploy/wire.ts';
import { taskSummary } from '../../domain/messages/task.ts';

type Started = { type: string; workflowId: string; input: unknown; summary: string };

/**
 * Returns the workflow that performs a task. Only this function chooses the type and the id of the
 * workflow. So a client of the door can start no other workflow.
 */
export function workflowOf(it: Task): Started {
  const input = it.task === 'budget' ? { notify: false, channel: null } : it.input;
  return { type: messages[it.task], workflowId: workflowIdOf(it), input, summary: taskSummary(it) };
}

function workflowIdOf(it: Task): string {
  switch (it.task) {
    case 'plan': {
      const { project, environment, nonce } = it.input.request;
      return `plan/${project}/${environment}/${nonce}`;
    }
    case 'adopt': {
      const { project, environment } = it.input.request;
      return `adopt/${project}/${environment}`;
    }
    case 'lift':
    case 'waive': {
      const { project, environment, nonce } = it.input.signed.decision;
      return `${it.task}/${project}/${environment}/${nonce}`;
    }
    case 'stopLine':
      return `stop-line/${it.input.signed.decision.nonce}`;
    case 'closeIncident':
      return `close/${it.input.incident}/${randomUUID()}`;
    case 'verifyLedger':
      return `verify-ledger/${randomUUID()}`;
    case 'reconcile':
    case 'releases':
    case 'history':
    case 'budget':
      return `${it.task}/${randomUUID()}`;
  }
}
