import type { Warrant } from '../deploy/warrant.ts';
import type { Effect } from './effect.ts';

export type Entry = {
  seq: number;
  at: string;
  kind: EntryKind;
  key: string;
  deployId: string | null;
  project: string | null;
  environment: string | null;
  body: Record<string, unknown>;
  hash: string;
};
export type EntryKind =
  | 'started'
  | 'released'
  | 'ruling'
  | 'approved'
  | 'rolling-back'
  | 'closed'
  | 'incident'
  | 'incident-closed'
  | 'quarantine'
  | 'lifted'
  | 'waived'
  | 'stopped'
  | 'resumed'
  | 'adopted'
  | 'revert'
  | 'flag'
  | 'request'
  | 'drift'
  | 'paged'
  | 'budget';

export type ReadLedger = {
  project?: string;
  environment?: string;
  kinds?: EntryKind[];
  limit: number;
};

/**
 * The result of checking the ledger. `head` is the hash of the newest row. The check cannot detect
 * that the newest rows were removed. To detect this, store a copy of `head` outside the ledger.
 */
export type LedgerChain =
  | { ok: true; entries: number; head: string }
  | { ok: false; seq: number; why: string };

export interface LedgerActivities {
  append: Effect<
    [input: Omit<Entry, 'seq' | 'at' | 'hash'> & { warrant?: Warrant | undefined }],
    void
  >;
  readLedger(input: ReadLedger): Promise<Entry[]>;
  /** Reads every row. If a row was changed, names the first changed row. Changes nothing. */
  verifyLedger(): Promise<LedgerChain>;
}
