import type { Activities, EntryKind, LostDeploy } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import { unclosedDeploys } from '../../domain/rollback/lost.ts';
import type { Unclosed } from '../../domain/rollback/lost.ts';
import type { Ledger } from '../ledger/types.ts';
import { final } from '../lib/fail.ts';

/** `phase` is the last phase that the deploy reported, or null if it reported none. */
type Execution = { status: string; closedAt: string | null; phase: string | null };

/**
 * Asks the Temporal server for the state of a workflow run. Resolves with null if the server no
 * longer knows the run.
 */
export type ExecutionOf = (workflowId: string, runId: string) => Promise<Execution | null>;

type Deps = {
  ledger: Pick<Ledger, 'read' | 'readUnchecked'>;
  executionOf: ExecutionOf | undefined;
};

/** True if the run ended without closing its deploy, or if its history is gone. */
export const hasEnded = (execution: Execution | null): boolean =>
  execution === null || silently[execution.status] !== undefined;

/**
 * The states of workflow runs that ended without closing the deploy. Each state has a text for
 * people. A cancelled or completed run is not in this table, because such a run closes the deploy.
 */
const silently: Record<string, string> = {
  TERMINATED: 'was terminated',
  FAILED: 'failed',
  TIMED_OUT: 'ran out of time',
};
const kinds: EntryKind[] = ['started', 'released', 'closed'];
const depth = 3000;

/**
 * Makes the activity that finds lost deploys. The activity reads the ledger, asks the Temporal
 * server and changes nothing. If one workflow cannot be read, the other lost deploys are still
 * found. Throws a final failure of type 'misconfigured' if this worker cannot ask the Temporal
 * server.
 */
export const createReconcile = ({ ledger, executionOf }: Deps): Pick<Activities, 'findLost'> => ({
  async findLost({ project, deployId: only }) {
    if (!executionOf)
      throw final(
        failures.misconfigured,
        'This worker cannot ask its Temporal server, so it cannot find lost deploys.\n' +
          'Start the worker with: plimsoll worker',
      );
    const query = { kinds, limit: depth, ...(project ? { project } : {}) };
    // A wrong row must not keep a lost deploy live. Its plan counts only with a seal of its own.
    const entries = await ledger.read(query).catch(() => ledger.readUnchecked(query));
    const found: LostDeploy[] = [];
    const unread: unknown[] = [];
    for (const one of unclosedDeploys(entries)) {
      if (only !== undefined && one.deployId !== only) continue;
      try {
        found.push(...(await ifLost(one, executionOf)));
      } catch (cause) {
        unread.push(cause);
      }
    }
    // If some deploys could not be read and none was found, the message "No deploy was lost" would
    // be wrong. The next search reads them again.
    if (found.length === 0 && unread.length > 0) throw unread[0];
    return found;
  },
});

async function ifLost(one: Unclosed, executionOf: ExecutionOf): Promise<LostDeploy[]> {
  const seen = await executionOf(deployId(one.project, one.environment), one.runId);
  if (!seen)
    return [{ ...one, how: 'has no history any more', closedAt: null, rollingBack: false }];
  const { status, closedAt, phase } = seen;
  const how = silently[status];
  return how ? [{ ...one, how, closedAt, rollingBack: phase === 'rollback' }] : [];
}
