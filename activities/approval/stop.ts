import type { Entry } from '../../domain/contract/activities.ts';
import { standingStop, stopKinds } from '../../domain/gates/stop.ts';
import type { Stop } from '../../domain/deploy/plan.ts';
import type { Ledger } from '../ledger/types.ts';
import { whyNoMore } from './still-holds.ts';
import type { Signers } from './still-holds.ts';

/**
 * The largest number of ledger entries to read, newest first. Only a few lifts can come after the
 * newest stop, so 100 entries are enough.
 */
const limit = 100;

/**
 * Returns the stop that is in force, or null if the line is not stopped. Throws a transient failure
 * if the ledger does not answer. No deploy may continue until the ledger answers.
 */
export async function readStop(
  ledger: Pick<Ledger, 'read'>,
  signers: Signers,
): Promise<Stop | null> {
  return standingStop(
    await judgeLifts(await ledger.read({ kinds: [...stopKinds], limit }), signers),
  );
}

/**
 * Verifies the lift of the newest stop again, with the keys that are configured now. Returns all
 * entries. If the lift is invalid, its entry gets the reason in `body.invalid`. The stop itself is
 * not verified again. So the line stays stopped until an approver lifts the stop, even if the key
 * that signed the stop was revoked.
 */
export async function judgeLifts(entries: readonly Entry[], signers: Signers): Promise<Entry[]> {
  const stop = entries.find(({ kind }) => kind === 'stopped')?.key;
  const judged: Entry[] = [];
  for (const entry of entries) {
    const { kind, body } = entry;
    const lifts = stop !== undefined && kind === 'resumed' && body['stop'] === stop;
    const invalid = lifts ? await whyNoMore(entry, 'resume', signers) : null;
    judged.push(invalid === null ? entry : { ...entry, body: { ...body, invalid } });
  }
  return judged;
}
