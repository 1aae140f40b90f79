import { readOr } from '../lib/read-or.ts';
import type { Entry, GateSubject } from '../../domain/contract/activities.ts';
import type { GateReport } from '../../domain/deploy/plan.ts';
import { previousRecord, recordKinds } from '../../domain/gates/previous-record.ts';
import { judgePrevious } from '../../domain/gates/previous.ts';
import type { Ledger } from '../ledger/types.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { reportOf } from './report.ts';

/**
 * The largest number of ledger entries to read. A small team needs years to make so many entries.
 */
const limit = 10_000;

/**
 * Makes the gate `previous`. The gate reads from the ledger how the deploy of this commit ended in
 * the earlier environment. Throws a transient failure if the ledger does not answer.
 */
export const createPreviousGate =
  ({ ledger }: { ledger: Pick<Ledger, 'read'> }) =>
  async ({ plan, after }: { plan: GateSubject; after: string }): Promise<GateReport> => {
    const { project, sha } = plan;
    const sourceErrors: string[] = [];
    const read = () =>
      withHeartbeat(() => ledger.read({ project, kinds: [...recordKinds], limit }));
    const entries = await readOr(sourceErrors, read, [] as Entry[]);
    const record = previousRecord(entries, { environment: after, sha });
    return reportOf(
      'previous',
      judgePrevious({ project, before: after, sha, record, sourceErrors }),
    );
  };
