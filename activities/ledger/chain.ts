import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { Entry, EntryKind, LedgerChain } from '../../domain/contract/activities.ts';

/** A row as it is stored. `body` is canonical JSON. `hash` covers every other column. */
export type Row = {
  seq: number;
  at: string;
  kind: string;
  key: string;
  deploy_id: string | null;
  project: string | null;
  environment: string | null;
  body: string;
  prev_hash: string;
  hash: string;
};

export type Chain = LedgerChain;

export const noHash = '0'.repeat(64);

export const hashOf = (row: Omit<Row, 'hash'>): string =>
  createHash('sha256').update(canonicalJson(row)).digest('hex');

/**
 * Checks the chain of hashes in `rows`. `before` is the row before `rows`. Returns the first wrong
 * row: a row that was changed, or a row after a missing row. If no row is wrong, returns the end of
 * the chain.
 */
export function checkChain(rows: readonly Row[], before = { seq: 0, hash: noHash }): Chain {
  let last = before;
  for (const { hash, ...row } of rows) {
    const seq = row.seq;
    if (seq !== last.seq + 1)
      return { ok: false, seq, why: `row ${last.seq + 1} is missing before row ${seq}` };
    if (row.prev_hash !== last.hash)
      return { ok: false, seq, why: `row ${seq} does not contain the hash of row ${last.seq}` };
    if (hashOf(row) !== hash)
      return { ok: false, seq, why: `row ${seq} ("${row.key}") was changed after it was written` };
    last = { seq, hash };
  }
  return { ok: true, entries: last.seq, head: last.hash };
}

export const toEntry = (row: Row): Entry => ({
  seq: row.seq,
  at: row.at,
  kind: row.kind as EntryKind,
  key: row.key,
  deployId: row.deploy_id,
  project: row.project,
  environment: row.environment,
  body: JSON.parse(row.body) as Record<string, unknown>,
  hash: row.hash,
});
