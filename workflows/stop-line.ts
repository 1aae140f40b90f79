import { workflowInfo } from '@temporalio/workflow';
import type { StopInput } from '../domain/activities.ts';
import type { Ruling } from '../domain/plan.ts';
import { reading } from './proxies.ts';

/** Stopped by the signature of anybody named in the configuration, running again by an approver's. */
export async function stopLine({ signed, reason, lift }: StopInput): Promise<Ruling> {
  const { runId } = workflowInfo();
  const input = { signed, reason, runId, ...(lift ? { lift } : {}) };
  return lift ? await reading.resumeLine(input) : await reading.stopLine(input);
}
