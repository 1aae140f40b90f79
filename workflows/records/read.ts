import type {
  ReadLedger,
  ReleasesInput,
  ReleasesReport,
} from '../../domain/contract/activities.ts';
import type { Entry, LedgerChain } from '../../domain/contract/activities.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import { checkGates } from '../preflight.ts';
import { reading } from '../proxies.ts';
import { workflowInfo } from '@temporalio/workflow';

/** Plans a deploy and checks its gates. Changes nothing. */
export async function plan(signed: SignedRequest): Promise<SealedPlan> {
  const { runId } = workflowInfo();
  const planned = await reading.planDeploy({ signed, runId, record: false });
  const { memo: _, ...sealed } = await reading.sealPlan({
    plan: planned,
    gates: await checkGates(planned, { hold: false }),
  });
  return sealed;
}

/** Reads the ledger for a client. Clients never open the ledger themselves. */
export async function history(query: ReadLedger): Promise<Entry[]> {
  return await reading.readLedger(query);
}

/** Verifies that no row of the ledger was changed. */
export async function verifyLedger(): Promise<LedgerChain> {
  return await reading.verifyLedger();
}

/** Reads the releases to which a place can be rolled back now. Changes nothing. */
export async function releases(input: ReleasesInput): Promise<ReleasesReport> {
  return await reading.readReleases(input);
}
