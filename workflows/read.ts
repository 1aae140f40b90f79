import type { ReadLedger } from '../domain/activities.ts';
import type { Entry, LedgerChain } from '../domain/activities.ts';
import type { SealedPlan } from '../domain/plan.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { checkGates } from './preflight.ts';
import { reading } from './proxies.ts';
import { workflowInfo } from '@temporalio/workflow';

/** What a deploy would do, and whether its gates are open: read only. */
export async function plan(signed: SignedRequest): Promise<SealedPlan> {
  const { runId } = workflowInfo();
  const planned = await reading.planDeploy({ signed, runId, record: false });
  return await reading.sealPlan({
    plan: planned,
    gates: await checkGates(planned, { hold: false }),
  });
}

/** Clients never open the ledger. */
export async function history(query: ReadLedger): Promise<Entry[]> {
  return await reading.readLedger(query);
}

/** Whether every row of the ledger is what was written. */
export async function verifyLedger(): Promise<LedgerChain> {
  return await reading.verifyLedger();
}
