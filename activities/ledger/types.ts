import type { Entry, ReadLedger } from '../../domain/contract/activities.ts';
import type { Release } from '../../domain/deploy/plan.ts';
import type { Book } from './budget-book.ts';
import type { RightRows, WrongRow } from '../../domain/contract/ledger.ts';
import type { Head } from './chain.ts';
import type { LinkRow } from './link-table.ts';
import type { Sealer } from './sealer.ts';
import type { Anchored } from './verify.ts';
import type { MessageBook } from './message-book.ts';

export type NewEntry = Omit<Entry, 'seq' | 'at' | 'hash'>;

/**
 * The ledger. Entries can only be appended. Every row contains the hash of the row before it, and
 * the seal of the worker that wrote it. If a call fails, it throws a transient failure or a final
 * failure of type 'misconfigured'. `append` throws a final failure of type 'refused' if the entry
 * contains a secret.
 */
export type Ledger = {
  /** Appends an entry. If an entry with this key exists, returns the existing entry instead. */
  append(entry: NewEntry): Promise<Entry>;
  /** Returns entries, newest first. */
  read(query: ReadLedger): Promise<Entry[]>;
  /**
   * Returns entries, newest first, even if one of the entries is wrong. Only screens and recoveries
   * may call this method.
   */
  readUnchecked(query: ReadLedger): Promise<Entry[]>;
  /** Returns the entry with this key, or null. */
  find(key: string): Promise<Entry | null>;
  /**
   * Verifies every row: the chain of hashes, the seals, the links and the anchor. Returns the first
   * wrong row. Changes nothing.
   */
  verify(anchor?: Anchored): Promise<RightRows | WrongRow>;
  /** True if the ledger has exactly this row. */
  contains(head: Head): Promise<boolean>;
  /**
   * Returns the reason why no worker made this link. Returns null if a worker made the link, or if
   * this machine knows no key.
   */
  whyForged(link: LinkRow): Promise<string | null>;
  lastClosed(project: string, environment: string): Promise<Entry | null>;
  /**
   * Returns the newest release that passed its watch and was not quarantined or reverted later.
   */
  lastProven(project: string, environment: string): Promise<Release | null>;
  openIncidents(project: string): Promise<Entry[]>;
  /**
   * Returns the active quarantine of exactly this commit, or null. To find quarantines of older
   * commits that this commit contains, use `quarantines` and git.
   */
  quarantined(project: string, sha: string): Promise<Entry | null>;
  quarantines(project: string): Promise<Entry[]>;
  /**
   * The costs that were spent, and the costs that open deploys reserve. The ledger entry that
   * closes a deploy also ends the reservation of the deploy.
   */
  book: Book;
  messages: MessageBook;
  close(): Promise<void>;
} & Sealer;
