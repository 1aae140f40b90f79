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
  | 'sentinel'
  | 'budget';

export type ReadLedger = {
  project?: string;
  environment?: string;
  kinds?: EntryKind[];
  limit: number;
};

/** `head` is the newest hash; kept elsewhere, it also shows rows cut off at the end. */
export type LedgerChain =
  | { ok: true; entries: number; head: string }
  | { ok: false; seq: number; why: string };

export interface LedgerActivities {
  append(input: Omit<Entry, 'seq' | 'at' | 'hash'>): Promise<void>;
  readLedger(input: ReadLedger): Promise<Entry[]>;
  /** Walks every row; read only. Names the first one that is not what was written. */
  verifyLedger(): Promise<LedgerChain>;
}
