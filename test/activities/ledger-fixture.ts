import type { LedgerPlace, NewEntry } from '../../activities/ledger.ts';

/** What the tests of a ledger need of the database under it. */
export type LedgerBackend = {
  /** An empty ledger's place. */
  fresh(): Promise<LedgerPlace>;
  /** One statement past the ledger, as the database's owner; `entries` is the table's name there. */
  raw(place: LedgerPlace, statement: (entries: string) => string): Promise<void>;
  /** Takes away what keeps the table append-only. */
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
