import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { Ledger } from '../ledger.ts';
import { transient } from '../lib/fail.ts';
import { redactSecrets } from './body-guard.ts';

/**
 * What a workflow records has happened already. So a full or locked ledger is waited for until somebody mends
 * it, and a secret in the words of a log is left out, where the ledger itself would refuse for good.
 */
export const patientAppend =
  (ledger: Pick<Ledger, 'append'>): Activities['append'] =>
  async (entry) => {
    try {
      await ledger.append({ ...entry, body: redacted(entry.body) });
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === failures.refused) throw error;
      throw transient(`"${entry.key}" waits for the ledger. ${(error as Error).message}`);
    }
  };

function redacted<T>(value: T): T {
  if (typeof value === 'string') return redactSecrets(value) as T;
  if (Array.isArray(value)) return value.map(redacted) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, redacted(it)])) as T;
}
