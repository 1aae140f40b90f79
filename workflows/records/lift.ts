import { workflowInfo } from '@temporalio/workflow';
import type { LiftInput } from '../../domain/contract/activities.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { reading } from '../proxies.ts';

/** Lifts a quarantine. Only the signature of a configured approver can do this. */
export async function lift({ signed, reason }: LiftInput): Promise<Ruling> {
  const { runId } = workflowInfo();
  return await reading.liftQuarantine({ signed, reason, runId });
}
