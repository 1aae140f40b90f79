import { workflowInfo } from '@temporalio/workflow';
import type { StopInput } from '../../domain/contract/activities.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { reading } from '../proxies.ts';

/**
 * Stops the line, or lifts the stop. An approver or a requester may sign a stop. Only an approver
 * may sign the lift.
 */
export async function stopLine({ signed, reason, lift }: StopInput): Promise<Ruling> {
  const { runId } = workflowInfo();
  const input = { signed, reason, runId, ...(lift ? { lift } : {}) };
  return lift ? await reading.resumeLine(input) : await reading.stopLine(input);
}
