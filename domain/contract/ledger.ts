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
  | 'budget'
  /** Which keys seal from here on, and which were retired. */
  | 'checkpoint';

export type ReadLedger = {
  project?: string;
  environment?: string;
  kinds?: EntryKind[];
  limit: number;
};

/**
 * A key that sealed rows. `key` is its id. `retired` is the row that says that the key is not used
 * any more, or null.
 */
export type LedgerSigner = { key: string; rows: number; retired: number | null };

/** A row that is wrong: a changed row, a forged row, or the first row after a missing one. */
export type WrongRow = {
  ok: false;
  seq: number;
  why: string;
  /** The number of rows before, which are all right. */
  verified: number;
  /** The id of the unknown key that sealed the row. Absent: another fault. */
  unknownKey?: string;
};

/** The rows of a ledger that has no wrong row. `head` is the hash of the newest row. */
export type RightRows = {
  ok: true;
  entries: number;
  head: string;
  /** The number of rows from before the ledger was sealed. */
  notSealed: number;
  /** Null: no public key of the workers is known here, so no seal was checked. */
  signers: LedgerSigner[] | null;
  /** The newest link. It fixes every row up to `seq`. */
  linked: { seq: number; at: string } | null;
  /** The rows after the newest link. Null: there are none. `since` is the time of the first one. */
  tail: { rows: number; since: string } | null;
};

/** What the copy of the head outside of the ledger says. `place` names its place, for people. */
export type AnchorReport =
  | { state: 'off' }
  | { state: 'none' | 'missing'; place: string }
  | { state: 'unreadable' | 'forged'; place: string; why: string }
  | { state: 'holds'; place: string; seq: number; at: string; checkedAt: string };

/**
 * The result of checking the ledger. Without an anchor, the check cannot detect that the newest rows
 * and their links were removed.
 */
export type LedgerChain = (RightRows & { anchor: AnchorReport }) | WrongRow;

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
