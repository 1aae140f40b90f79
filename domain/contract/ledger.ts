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
  /** Names the keys that seal the next rows, and the keys that were retired. */
  | 'checkpoint';

export type ReadLedger = {
  project?: string;
  environment?: string;
  kinds?: EntryKind[];
  limit: number;
};

/**
 * A key that sealed rows. `key` is the id of the key. `retired` is the number of the row that
 * retired the key. null: no row retired it.
 */
export type LedgerSigner = { key: string; rows: number; retired: number | null };

/** A wrong row. It was changed or forged, or a row before it is missing. */
export type WrongRow = {
  ok: false;
  seq: number;
  why: string;
  /** The number of correct rows before this row. */
  verified: number;
  /** The id of the unknown key that sealed the row. Absent: the row has another fault. */
  unknownKey?: string;
};

/** The facts about a ledger without a wrong row. `head` is the hash of the newest row. */
export type RightRows = {
  ok: true;
  entries: number;
  head: string;
  /** The number of rows from before the ledger was sealed. */
  notSealed: number;
  /** Null: this machine has no public key of the workers, so it checked no seal. */
  signers: LedgerSigner[] | null;
  /** The newest link. It protects every row up to `seq` against changes. */
  linked: { seq: number; at: string } | null;
  /**
   * The rows after the newest link. Null: there are no such rows. `since` is the time of the first
   * of them.
   */
  tail: { rows: number; since: string } | null;
};

/**
 * The result of comparing the ledger with its newest anchor. An anchor is a copy of the head of the
 * ledger in another place. `place` names this place, for people.
 */
export type AnchorReport =
  | { state: 'off' }
  | { state: 'none' | 'missing'; place: string }
  | { state: 'unreadable' | 'forged'; place: string; why: string }
  | { state: 'holds'; place: string; seq: number; at: string; checkedAt: string };

/**
 * The result of checking the ledger. Without an anchor, the check cannot detect that somebody
 * removed the newest rows together with their links.
 */
export type LedgerChain = (RightRows & { anchor: AnchorReport }) | WrongRow;

/**
 * The proof that a release succeeded. It consists of the smoke tests and all samples of the watch,
 * with the seals of the workers that made them. `startedAt` is the start of the watch in epoch
 * milliseconds.
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
  /** Reads every row, and names the first wrong row. Changes nothing. */
  verifyLedger(): Promise<LedgerChain>;
}
