import type { Warrant } from '../deploy/warrant.ts';
import type { Sample, SmokeReport } from '../deploy/watch-types.ts';
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

/**
 * The proof that a release succeeded: the smoke tests and all samples of the watch, with the seals
 * of the workers that made them. `startedAt` is the start of the watch in epoch milliseconds.
 */
export type Evidence = { smoke: SmokeReport; startedAt: number; samples: Sample[] };

export interface LedgerActivities {
  append: Effect<
    [
      input: Omit<Entry, 'seq' | 'at' | 'hash'> & {
        warrant?: Warrant | undefined;
        /** For the entry `closed` of a deploy that rolled back: the seal over its end. */
        sealedEnd?: string;
        /** For the entry `closed` of a deploy that succeeded: the proof of the success. */
        evidence?: Evidence | undefined;
      },
    ],
    void
  >;
  readLedger(input: ReadLedger): Promise<Entry[]>;
  /** Reads every row. If a row was changed, names the first changed row. Changes nothing. */
  verifyLedger(): Promise<LedgerChain>;
}
