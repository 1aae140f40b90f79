import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { ledger } from '../../../worker/doctor/ledger.ts';
import { configOf } from './doctor-fixture.ts';

const fresh = () => join(mkdtempSync(join(tmpdir(), 'doctor-ledger-')), 'ledger.db');
const look = (path: string) => ledger(configOf({ top: { ledger: path } }), {});

async function written(path: string) {
  const opened = await openLedger({ path });
  const entry = { kind: 'incident-closed', deployId: null, project: 'shop', environment: null };
  await opened.append({ ...entry, key: 'one', body: { by: 'ana' } } as never);
  await opened.close();
}

test('that does not exist yet is in order and is not created', async () => {
  const path = fresh();
  expect(await look(path)).toEqual({
    check: 'ledger',
    state: 'ok',
    text: `there is no ledger yet; the first worker creates ${path}`,
  });
  expect(existsSync(path)).toBe(false);
});

test('is verified row by row', async () => {
  const path = fresh();
  await written(path);
  expect((await look(path)).text).toBe(`${path}, 1 entry, none changed`);
});

test('says that the line is stopped, and how it is lifted', async () => {
  const path = fresh();
  const opened = await openLedger({ path });
  const about = { deployId: null, project: null, environment: null };
  const body = { by: 'bob', reason: 'the database is full' };
  const { at } = await opened.append({ kind: 'stopped', key: 'stop/1', ...about, body });
  await opened.close();
  expect((await look(path)).text).toBe(
    `${path}, 1 entry, none changed;\n` +
      `the line is stopped by bob since ${at.slice(0, 10)} ${at.slice(11, 16)} UTC: "the database is full". ` +
      'To lift the stop: plimsoll stop-line "why it is safe" --lift',
  );
});

test('that was changed is a problem with its first changed row', async () => {
  const path = fresh();
  await written(path);
  const database = new DatabaseSync(path);
  database.exec(`DROP TRIGGER entries_no_update; UPDATE entries SET body = '{"by":"eve"}'`);
  database.close();
  expect(await look(path)).toEqual({
    check: 'ledger',
    state: 'problem',
    text:
      'The ledger was changed after it was written: row 1 ("one") was changed after it was written. ' +
      'Its proofs and quarantines cannot be trusted.\n' +
      'Stop the worker and restore the last good copy of the file (docs/ledger.md).',
  });
});
