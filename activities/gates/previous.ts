import type { Entry, GateSubject } from '../../domain/activities.ts';
import type { GateReport } from '../../domain/plan.ts';
import { judgePrevious } from '../../domain/policy/gates.ts';
import { previousRecord, recordKinds } from '../../domain/policy/previous-record.ts';
import { pulse } from '../git/pulse.ts';
import type { Ledger } from '../ledger.ts';
import { readOr, reportOf } from './report.ts';

/** Far more than a small team's deploys of years. */
const limit = 10_000;

/** What the ledger says of this commit in the environment before; transient: it did not answer. */
export const createPreviousGate =
  ({ ledger }: { ledger: Pick<Ledger, 'read'> }) =>
  async ({ plan, after }: { plan: GateSubject; after: string }): Promise<GateReport> => {
    const { project, sha } = plan;
    const sourceErrors: string[] = [];
    const read = () => pulse(() => ledger.read({ project, kinds: [...recordKinds], limit }));
    const entries = await readOr(sourceErrors, read, [] as Entry[]);
    const record = previousRecord(entries, { environment: after, sha });
    return reportOf(
      'previous',
      judgePrevious({ project, before: after, sha, record, sourceErrors }),
    );
  };
