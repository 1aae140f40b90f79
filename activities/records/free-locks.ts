import type { Activities, FreedLock } from '../../domain/contract/activities.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Place } from '../../domain/deploy/place.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import { freedReason } from '../../domain/messages/squatted-lock.ts';
import { unclosedDeploys } from '../../domain/rollback/lost.ts';
import { whySquatted } from '../../domain/rollback/squatted-lock.ts';
import type { LockHolder } from '../../domain/rollback/squatted-lock.ts';
import type { Ledger } from '../ledger/types.ts';
import { effect } from '../lib/effect.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';

/** Reads and ends the workflows that hold the locks of places. */
export type Locks = {
  /** Returns the open workflow with this id, or null. */
  holder(workflowId: string): Promise<LockHolder | null>;
  /** Ends this run. Does nothing if the run has ended. */
  end(workflowId: string, runId: string, reason: string): Promise<void>;
};

type Deps = {
  config: () => Pick<Config, 'projects'>;
  ledger: Pick<Ledger, 'read'>;
  locks: Locks | undefined;
  now?: () => number;
};

/** The largest number of ledger entries to read for a place. */
const depth = 1000;

/**
 * Makes the activity that ends workflows which hold the lock of a place but are not deploys. The
 * activity takes every fact from the Temporal server, the ledger and the configuration. It never
 * ends a run that the ledger contains. Without a Temporal server it does nothing.
 */
export const createFreeLocks = (deps: Deps): Pick<Activities, 'freeLocks'> => ({
  freeLocks: effect('freeLocks', ({ project }) =>
    withHeartbeat(async () => {
      const freed: FreedLock[] = [];
      for (const place of placesOf(deps.config(), project))
        freed.push(...(await freeOne(deps, place)));
      return freed;
    }),
  ),
});

const placesOf = ({ projects }: Pick<Config, 'projects'>, only: string | undefined): Place[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    only === undefined || only === project
      ? Object.keys(environments).map((environment) => ({ project, environment }))
      : [],
  );

async function freeOne(
  { ledger, locks, now = Date.now }: Deps,
  place: Place,
): Promise<FreedLock[]> {
  const id = deployId(place.project, place.environment);
  const holder = await locks?.holder(id);
  if (!locks || !holder) return [];
  const kinds: ['started', 'released', 'closed'] = ['started', 'released', 'closed'];
  const rows = await ledger.read({ ...place, kinds, limit: depth });
  const record = {
    known: rows.some(({ kind, body }) => kind === 'started' && body['runId'] === holder.runId),
    unclosed: unclosedDeploys(rows).length > 0,
  };
  const why = whySquatted(holder, record, now());
  if (why === null) return [];
  await locks.end(id, holder.runId, freedReason(why));
  return [{ ...place, runId: holder.runId, why }];
}
