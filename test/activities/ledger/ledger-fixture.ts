import type { LedgerPlace } from '../../../activities/ledger/ledger.ts';
import type { NewEntry } from '../../../activities/ledger/types.ts';

/** The database functions that the ledger tests need. */
export type LedgerBackend = {
  /** Makes an empty ledger and returns its place. */
  fresh(): Promise<LedgerPlace>;
  /**
   * Runs one statement directly in the database, as its owner. `entries` is the name of the table.
   */
  raw(place: LedgerPlace, statement: (entries: string) => string): Promise<void>;
  /** Removes the protection that makes the table append-only. */
  unguard(place: LedgerPlace): Promise<void>;
};

export const entry = (key: string, over: Partial<NewEntry> = {}): NewEntry => ({
  kind: 'started',
  key,
  deployId: 'd-1',
  project: 'shop',
  environment: 'production',
  body: { n: 1 },
  ...over,
});

export const sha = (digit: string) => digit.repeat(40);
export const release = (digit: string) => ({ id: `${digit.repeat(12)}-00000000`, sha: sha(digit) });
export const closed = (deployId: string, digit: string, outcome = 'succeeded') =>
  entry(`${deployId}/closed`, {
    kind: 'closed',
    deployId,
    body: { outcome, sha: sha(digit), release: release(digit) },
  });
