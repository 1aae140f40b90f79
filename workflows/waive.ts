import { workflowInfo } from '@temporalio/workflow';
import type { WaiveInput } from '../domain/activities.ts';
import type { Ruling } from '../domain/plan.ts';
import { reading } from './proxies.ts';

/** A finding of the security audit stops closing the gate: by the signature of a configured approver. */
export async function waive(input: WaiveInput): Promise<Ruling> {
  const { signed, finding, reason, until } = input;
  const { runId } = workflowInfo();
  return await reading.waiveFinding({ signed, finding, reason, until, runId });
}
