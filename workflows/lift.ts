import { workflowInfo } from '@temporalio/workflow';
import type { LiftInput } from '../domain/activities.ts';
import type { Ruling } from '../domain/plan.ts';
import { reading } from './proxies.ts';

/** A quarantine ends here and nowhere else: by the signature of a configured approver. */
export async function lift({ signed, reason }: LiftInput): Promise<Ruling> {
  const { runId } = workflowInfo();
  return await reading.liftQuarantine({ signed, reason, runId });
}
