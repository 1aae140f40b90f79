import type { Entry } from '../../domain/contract/activities.ts';
import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import type { ReadLedger } from '../../domain/contract/ledger.ts';
import { available } from '../approval/ruling.ts';

type Ledger = { read: (query: ReadLedger) => Promise<Entry[]> };

/**
 * Returns the epoch of a new deploy. The epoch is the current time in milliseconds. If an earlier
 * deploy of the place has a larger epoch, because the clock of its worker was wrong, the new epoch
 * is even larger.
 */
export async function nextEpoch(
  ledger: Ledger,
  { project, environment }: Pick<Plan, 'project' | 'environment'>,
  now: number,
): Promise<number> {
  const query: ReadLedger = { project, environment, kinds: ['released'], limit: 1 };
  const [newest] = await available(ledger.read(query));
  const plan = newest?.body['plan'] as Plan | undefined;
  return Math.max(now, (plan?.warrant?.epoch ?? 0) + 2);
}

/**
 * Returns the epoch of a step on a host. A step that rolls back gets the next number after the
 * forward steps. The removal of old releases also gets the next number, because it may follow a
 * rollback. Returns null if the step needs no fence.
 */
export function epochOf(
  { epoch, purpose }: Warrant,
  direction: 'forward' | 'backward' | 'read',
): number | null {
  if (purpose === 'adopt' || epoch === 0) return null;
  return direction === 'forward' ? epoch : epoch + 1;
}
