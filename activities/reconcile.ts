import type { Activities, EntryKind, LostDeploy } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import { deployId } from '../domain/messages.ts';
import { unclosedDeploys } from '../domain/policy/lost.ts';
import type { Unclosed } from '../domain/policy/lost.ts';
import type { Ledger } from './ledger.ts';
import { final } from './lib/fail.ts';

/** One run of a workflow at the server; null = the server does not know it any more. */
export type ExecutionOf = (
  workflowId: string,
  runId: string,
) => Promise<{ status: string; closedAt: string | null } | null>;

type Deps = { ledger: Pick<Ledger, 'read'>; executionOf: ExecutionOf | undefined };

/** Ended without a word: what a cancel or an end of its own leaves open is closed by its aftermath. */
const silently: Record<string, string> = {
  TERMINATED: 'was terminated',
  FAILED: 'failed',
  TIMED_OUT: 'ran out of time',
};
const kinds: EntryKind[] = ['started', 'released', 'closed'];
const depth = 3000;

/** Reads the ledger and asks the server; changes nothing. Final misconfigured: nobody can ask the server. */
export const createReconcile = ({ ledger, executionOf }: Deps): Pick<Activities, 'findLost'> => ({
  async findLost({ project }) {
    if (!executionOf)
      throw final(
        failures.misconfigured,
        'This worker cannot ask its Temporal server, so nothing can be reconciled.\n' +
          'Start it with: npx --no plimsoll worker',
      );
    const entries = await ledger.read({ kinds, limit: depth, ...(project ? { project } : {}) });
    const found: LostDeploy[] = [];
    for (const one of unclosedDeploys(entries)) found.push(...(await ifLost(one, executionOf)));
    return found;
  },
});

async function ifLost(one: Unclosed, executionOf: ExecutionOf): Promise<LostDeploy[]> {
  const seen = await executionOf(deployId(one.project, one.environment), one.runId);
  if (!seen) return [{ ...one, how: 'has no history any more', closedAt: null }];
  const how = silently[seen.status];
  return how ? [{ ...one, how, closedAt: seen.closedAt }] : [];
}
