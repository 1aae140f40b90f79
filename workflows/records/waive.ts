import { workflowInfo } from '@temporalio/workflow';
import type { WaiveInput } from '../../domain/contract/activities.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { reading } from '../proxies.ts';

/**
 * Waives a finding of the security audit, so that it does not close the gate. A configured approver
 * must sign the waiver.
 */
export async function waive(input: WaiveInput): Promise<Ruling> {
  const { signed, finding, reason, until } = input;
  const { runId } = workflowInfo();
  return await reading.waiveFinding({ signed, finding, reason, until, runId });
}
