import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { Entry, EntryKind } from '../../domain/contract/activities.ts';

/**
 * A row as the database stores it. `body` is canonical JSON. `hash` covers every other column.
 * `seal` is the seal of a worker. It covers the content and the row `seen_seq`, which was the
 * newest row when the worker made the seal. `seal` and `seen_seq` are null in rows that are older
 * than the first seal.
 */
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
  seal: string | null;
  seen_seq: number | null;
};

/** The place of a row in the chain. The place before the first row is `start`. */
export type Head = { seq: number; hash: string };

export const noHash = '0'.repeat(64);
export const start: Head = { seq: 0, hash: noHash };

export function hashOf(row: Omit<Row, 'hash'>): string {
  const { seal, seen_seq, ...content } = row;
  // The hash of a row without a seal must stay the same as before seals were introduced.
  const covered = seal === null ? content : { ...content, seal, seen_seq };
  return createHash('sha256').update(canonicalJson(covered)).digest('hex');
}

export type Content = Pick<
  Row,
  'at' | 'kind' | 'key' | 'deploy_id' | 'project' | 'environment' | 'body'
>;

/** Returns the content of a row's seal: the content of the row, and the newest row before it. */
export const rowBody = (row: Content, seen: Head) => {
  const { at, kind, key, deploy_id, project, environment, body } = row;
  return { row: { at, kind, key, deploy_id, project, environment, body }, seen };
};

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
