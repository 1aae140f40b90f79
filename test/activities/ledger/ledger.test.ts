import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { LedgerPlace } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { budgetContract } from '../budget/budget-contract.ts';
import { entry } from './ledger-fixture.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWriters } from './ledger-writers.ts';
import type { LedgerBackend } from './ledger-fixture.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'plimsoll-ledger-')), 'data', 'ledger.db');

async function raw(place: LedgerPlace, statement: string) {
  const database = new DatabaseSync((place as { path: string }).path);
  try {
    database.exec(statement);
  } finally {
    database.close();
  }
}

const backend: LedgerBackend = {
  fresh: async () => ({ path: newPath() }),
  raw: (place, statement) => raw(place, statement('entries')),
  unguard: async (place) => {
    for (const trigger of ['update', 'delete', 'replace'])
      await raw(place, `DROP TRIGGER entries_no_${trigger}`);
  },
};

ledgerContract(backend);
ledgerWriters(backend);
budgetContract(backend);

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function open(maxPages?: number) {
  const path = newPath();
  const ledger = await openLedger({ path, ...(maxPages ? { maxPages } : {}) });
  opened.push(ledger);
  return { ledger, path };
}

test('REPLACE, which deletes without a trigger of its own, is refused', async () => {
  const { ledger, path } = await open();
  await ledger.append(entry('a'));
  const columns = 'seq, at, kind, key, deploy_id, project, environment';
  const replace = `REPLACE INTO entries SELECT ${columns}, '{}', prev_hash, hash, seal, seen_seq FROM entries`;
  await expect(raw({ path }, replace)).rejects.toThrow('the ledger is append-only');
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 1 });
});

describe('a ledger that cannot be written', () => {
  test('full: says so, stays readable, and is final', async () => {
    const { ledger, path } = await open(24);
    const fill = async () => {
      for (let n = 0; n < 100; n += 1)
        await ledger.append(entry(`k${n}`, { body: { text: 'x'.repeat(3000) } }));
    };
    await expect(fill()).rejects.toMatchObject({
      type: 'Misconfigured',
      nonRetryable: true,
      message:
        `The ledger ${path} is full. Nothing was written, because the disk is full or the ledger reached its size limit.\n` +
        'Free space on that disk, or move the file and set "ledger:" in plimsoll.yaml to the new path. ' +
        'Then start the worker again: plimsoll up',
    });
    const { length } = await ledger.read({ limit: 100 });
    expect(length).toBeGreaterThan(0);
    expect(await ledger.verify()).toMatchObject({ ok: true, entries: length });
  });

  test('not a database: says which file and what to do', async () => {
    await expect(openLedger({ path: import.meta.filename })).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        `The ledger ${import.meta.filename} cannot be used: file is not a database.\n` +
        'Check that the worker may write this file and that it is a ledger of Plimsoll, ' +
        'or set another path as "ledger:" in plimsoll.yaml. ' +
        'Then start the worker again: plimsoll up',
    });
  });

  test('locked by another process: transient', async () => {
    const { ledger, path } = await open();
    const raw = new DatabaseSync(path);
    raw.exec('BEGIN IMMEDIATE');
    await expect(ledger.append(entry('a'))).rejects.toMatchObject({
      type: 'Unavailable',
      message: `The ledger ${path} did not answer (database is locked). Plimsoll tries again.`,
    });
    raw.exec('ROLLBACK');
    raw.close();
    await expect(ledger.append(entry('a'))).resolves.toMatchObject({ seq: 1 });
  });
});

test('a ledger in a file never loads the driver of PostgreSQL', () => {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { openLedger } = await import(${url('../../../activities/ledger/ledger.ts')});
    await (await openLedger({ path: ':memory:' })).close();
    console.log(JSON.stringify(loaded));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  const loaded = JSON.parse(String(child.stdout)) as string[];
  expect(loaded.filter((it) => it.includes('/ledger/sqlite-store.ts'))).toHaveLength(1);
  expect(loaded.filter((it) => /node_modules\/pg|postgres-store/.test(it))).toEqual([]);
});
