import type { Entry } from '../../domain/contract/activities.ts';
import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import type { ReadLedger } from '../../domain/contract/ledger.ts';
import { available } from '../approval/ruling.ts';

type Ledger = { read: (query: ReadLedger) => Promise<Entry[]> };

/**
 * Returns the epoch of a new deploy: the time in milliseconds, or more if an earlier deploy of the
 * place has a larger epoch, because the clock of its worker was wrong.
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
 * Returns the epoch of a step on a host. A rollback has the next number after the forward steps, and
 * so has the removal of old releases, which may follow a rollback. null = no fence.
 */
export function epochOf(
  { epoch, purpose }: Warrant,
  direction: 'forward' | 'backward' | 'read',
): number | null {
  if (purpose === 'adopt' || epoch === 0) return null;
  return direction === 'forward' ? epoch : epoch + 1;
}
