import { ApplicationFailure } from '@temporalio/common';
import type {
  Activities,
  EntryKind,
  Place,
  DriftReport,
} from '../../domain/contract/activities.ts';
import type { DriftActivities, ServedCommit, ServedSnapshot } from '../../domain/contract/drift.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { HostState, Plan } from '../../domain/deploy/plan.ts';
import { recognize, type Adopted } from '../../domain/drift/adoption.ts';
import { inFlight, servedBy, shippedLast } from '../../domain/drift/drift.ts';
import { lastRolledBack, rolledBackSha } from '../../domain/rollback/returned.ts';
import type { Config } from '../../domain/config/config.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import type { Git } from '../git/git.ts';
import type { Ledger } from '../ledger/types.ts';
import { final } from '../lib/fail.ts';
import { inspectEach } from '../plan/inspect.ts';
import { findPlace } from '../plan/place.ts';
import { planTarget } from '../plan/target.ts';

type Deps = {
  config: () => Config;
  ledger: Pick<Ledger, 'read'>;
  git: Pick<Git, 'treeOf' | 'authored'>;
  inspectHosts: Activities['inspectHosts'];
  lastDriftReport: LastDriftReport | undefined;
};

/**
 * Reads the report of the newest scheduled drift check from the Temporal server. Leaves out the
 * report of the run `runId`, which calls this function. Resolves with null if there is no report.
 */
export type LastDriftReport = (runId: string) => Promise<DriftReport | null>;

/**
 * Makes the drift activities. They throw a transient failure if git or the ledger does not answer.
 * A host that does not answer is listed in the result and causes no failure.
 */
export const createDrift = (deps: Deps): DriftActivities => ({
  readServed: (where) => withHeartbeat(() => readSnapshot(deps, where)),
  async sealReturned({ project, environment }) {
    const rows = await deps.ledger.read({ project, environment, kinds, limit });
    return (lastRolledBack(rows)?.body['plan'] as Plan | undefined) ?? null;
  },
  async readLastDriftReport({ runId }) {
    if (deps.lastDriftReport) return await deps.lastDriftReport(runId);
    throw final(
      failures.misconfigured,
      'This worker cannot ask its Temporal server, so it does not know which findings were ' +
        'already paged.\nStart the worker with: plimsoll worker',
    );
  },
});

const kinds: EntryKind[] = ['released', 'closed', 'adopted'];
const limit = 200;

/**
 * Reads the state of the hosts between two reads of the ledger. A deploy records its intent in the
 * ledger before its first effect. So the second read shows every deploy that may have changed a
 * host.
 */
async function readSnapshot(deps: Deps, where: Place): Promise<ServedSnapshot> {
  const { project, environment } = findPlace(deps.config(), where);
  const target = planTarget({ project, environment });
  const recall = () => deps.ledger.read({ ...where, kinds, limit });
  const [before] = await recall();
  const seen = await inspectEach(deps.inspectHosts, target);
  const rows = await recall();
  const moved = rows[0]?.seq === before?.seq ? null : 'a deploy began or ended during the check';
  const adopted = rows.find(({ kind }) => kind === 'adopted')?.body as Adopted | undefined;
  const live = recognize(seen.live, adopted ?? null).map(onlyWhat);
  const shipped = shippedLast(rows);
  const others = live.flatMap(servedBy).filter((sha) => !shipped?.shas.includes(sha));
  const compared = others.length > 0 ? [...others, ...(shipped?.shas ?? [])] : [];
  const { repository, paths } = project;
  return {
    shipped,
    busy: inFlight(rows) ?? moved,
    rolledBack: rolledBackSha(rows),
    ...{ live, silent: seen.silent },
    commits: await describeAll(deps.git, { repository, paths, shas: compared }),
  };
}

const onlyWhat = ({ host, sha, runningSha, foreign }: HostState) => ({
  ...{ host, sha, runningSha },
  ...(foreign ? { foreign } : {}),
});

type Asked = { repository: string; paths: string[] | undefined; shas: string[] };

async function describeAll(git: Deps['git'], { repository, paths, shas }: Asked) {
  const found: ServedSnapshot['commits'] = {};
  for (const sha of new Set(shas)) found[sha] = await describe(git, { repository, paths, sha });
  return found;
}

type One = Omit<Asked, 'shas'> & { sha: string };

async function describe(git: Deps['git'], one: One): Promise<ServedCommit | null> {
  const { repository, paths, sha } = one;
  try {
    const tree = await git.treeOf(repository, sha, paths);
    return { tree, ...(await git.authored(repository, sha)) };
  } catch (cause) {
    if (cause instanceof ApplicationFailure && cause.type === failures.refused) return null;
    throw cause;
  }
}
