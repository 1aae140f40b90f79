import { ApplicationFailure } from '@temporalio/common';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Ledger } from './types.ts';
import { transient } from '../lib/fail.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';

/**
 * Makes the activity that appends an entry to the ledger. The entry is about something that already
 * happened, so the entry must not be lost. If the ledger does not accept the entry, the activity
 * throws a transient failure. Temporal then retries until a person repairs the ledger. Before the
 * activity appends the entry, it removes secrets, because the ledger refuses an entry with a
 * secret.
 */
export const appendWithRetries =
  (ledger: Pick<Ledger, 'append'>): PlainActivities['append'] =>
  async (entry) => {
    try {
      await ledger.append({ ...entry, body: redacted(entry.body) });
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === failures.refused) throw error;
      throw transient(`The entry "${entry.key}" waits for the ledger. ${(error as Error).message}`);
    }
  };

function redacted<T>(value: T): T {
  if (typeof value === 'string') return withoutSecrets(value) as T;
  if (Array.isArray(value)) return value.map(redacted) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, redacted(it)])) as T;
}
