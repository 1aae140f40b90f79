import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { noHash } from '../../../activities/ledger/chain.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { LedgerPlace } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { connect, password, startPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { startRelay } from '../../support/relay.ts';
import { budgetContract } from '../budget/budget-contract.ts';
import { entry } from './ledger-fixture.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWriters } from './ledger-writers.ts';
import type { LedgerBackend } from './ledger-fixture.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

const backend: LedgerBackend = {
  async fresh() {
    await postgres.query('DROP SCHEMA IF EXISTS plimsoll CASCADE');
    return { url: postgres.url };
  },
  raw: async (_, statement) => void (await postgres.query(statement('plimsoll.entries'))),
  unguard: async () =>
    void (await postgres.query('DROP TRIGGER entries_append_only ON plimsoll.entries')),
};

ledgerContract(backend);
ledgerWriters(backend);
budgetContract(backend);

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function open(place?: LedgerPlace) {
  const ledger = await openLedger(place ?? (await backend.fresh()));
  opened.push(ledger);
  return ledger;
}

/** The address as people see it: without user and password. */
const place = () => `postgres://127.0.0.1:${new URL(postgres.url).port}/postgres`;
const reject = (code: string, text: string) => [
  `CREATE FUNCTION plimsoll.fail() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION '%', concat('${text}') USING ERRCODE = '${code}'; END $$`,
  'CREATE TRIGGER fail BEFORE INSERT ON plimsoll.entries EXECUTE FUNCTION plimsoll.fail()',
];

/** Makes the tables as they were before the rows were sealed. */
async function undoSeals() {
  await postgres.query('DROP TABLE plimsoll.links');
  await postgres.query('DROP TRIGGER entries_sealed ON plimsoll.entries');
  await postgres.query('DROP FUNCTION plimsoll.refuse_unsealed()');
  await postgres.query('ALTER TABLE plimsoll.entries DROP COLUMN seal, DROP COLUMN seen_seq');
}

test('a ledger from before there was a budget gets its tables, and keeps its chain', async () => {
  const before = await open();
  const written = await before.append(entry('a'));
  await before.close();
  opened.length = 0;
  await postgres.query('DROP TABLE plimsoll.costs, plimsoll.reservations, plimsoll.slack_messages');
  await undoSeals();
  await postgres.query('DELETE FROM plimsoll.ledger_version WHERE version > 1');
  const both = await Promise.all([open({ url: postgres.url }), open({ url: postgres.url })]);
  expect(await both[0].find('a')).toEqual(written);
  expect((await both[1].book.spending(Date.now())).reserved.deploys).toBe(0);
  expect(await both[1].messages.of('d-1', 'C1')).toEqual([]);
});

test('TRUNCATE is refused', async () => {
  const ledger = await open();
  await ledger.append(entry('a'));
  const truncate = postgres.query('TRUNCATE plimsoll.entries');
  await expect(truncate).rejects.toThrow('the ledger is append-only');
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 1 });
});

test('an application with its own table entries in the same database is left alone', async () => {
  await postgres.query('CREATE TABLE public.entries (title TEXT)');
  const ledger = await open();
  await ledger.append(entry('a'));
  expect(await postgres.query('SELECT * FROM public.entries')).toEqual([]);
  await postgres.query('DROP TABLE public.entries');
});

test('a row of the same key, written meanwhile past the lock, is adopted', async () => {
  const ledger = await open();
  const first = await ledger.append(entry('a'));
  const other = await connect(postgres.url);
  await other.query('BEGIN');
  await other.query(`INSERT INTO plimsoll.entries
    SELECT 2, at, kind, 'b', deploy_id, project, environment, body, hash, 'h' FROM plimsoll.entries`);
  const appended = ledger.append(entry('b'));
  await sleep(200);
  await other.query('COMMIT');
  await other.end();
  expect(await appended).toMatchObject({ seq: 2, key: 'b', hash: 'h', at: first.at });
});

test('a server whose defaults are others is used with the settings that the chain needs', async () => {
  const { close } = await open();
  await close();
  opened.length = 0;
  const url = new URL(postgres.url);
  const defaults = ['default_transaction_isolation=serializable', 'synchronous_commit=off'];
  url.searchParams.set('options', defaults.map((it) => `-c ${it}`).join(' '));
  const ledger = await open({ url: url.href });
  const other = await open({ url: url.href });
  const appended = Array.from({ length: 30 }, (_, n) =>
    (n % 2 ? ledger : other).append(entry(`${n}`)),
  );
  await Promise.all(appended);
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 30 });
  for (const statement of reject('P0001', `', current_setting('synchronous_commit'), '`))
    await postgres.query(statement);
  await expect(ledger.append(entry('a'))).rejects.toThrow('cannot be used: on.');
});

test('rows of an SQLite file, copied as they are, stay one chain', async () => {
  const ledger = await open();
  const file = await open({ path: ':memory:' });
  for (const key of ['a', 'b']) await file.append(entry(key, { body: { text: 'ü\n\u0000' } }));
  const before = await file.read({ limit: 9 });
  const client = await connect(postgres.url);
  for (const { deployId, body, ...row } of before.toReversed()) {
    const prev = before.find(({ seq }) => seq === row.seq - 1)?.hash ?? noHash;
    const values = { ...row, deploy_id: deployId, body: canonicalJson(body), prev_hash: prev };
    const names = Object.keys(values);
    const marks = names.map((_, index) => `$${index + 1}`).join();
    await client.query(
      `INSERT INTO plimsoll.entries (${names.join()}) VALUES (${marks})`,
      Object.values(values),
    );
  }
  await client.end();
  expect(await ledger.verify()).toEqual(await file.verify());
  expect((await ledger.append(entry('c'))).seq).toBe(3);
});

test('a role that may only read and append starts a worker, and can do no more', async ({
  skip,
}) => {
  skip(postgres.kind === 'pglite', 'PGlite has no logins: install PostgreSQL');
  const { close } = await open();
  await close();
  opened.length = 0;
  await postgres.query(`CREATE ROLE clerk LOGIN PASSWORD 'clerk-of-the-ledger'`);
  await postgres.query('GRANT USAGE ON SCHEMA plimsoll TO clerk');
  const login = new URL(postgres.url);
  login.username = 'clerk';
  login.password = 'clerk-of-the-ledger';
  await expect(openLedger({ url: login.href })).rejects.toMatchObject({
    message: expect.stringMatching(/permission denied for table ledger_version\.\nLet the role/),
  });
  await postgres.query('GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA plimsoll TO clerk');
  const ledger = await open({ url: login.href });
  expect(await ledger.append(entry('a'))).toMatchObject({ seq: 1 });
  login.password = 'wrong-password';
  await expect(openLedger({ url: login.href })).rejects.toMatchObject({
    message:
      `The ledger ${place()} cannot be used: password authentication failed for user "clerk".\n` +
      "Check the user and the password of DATABASE_URL in the worker's environment. Then start the worker again: plimsoll worker",
  });
});

describe('a ledger that does not answer is tried again', () => {
  test('connections cut while an entry waits for its turn', async () => {
    const relay = await startRelay(Number(new URL(postgres.url).port));
    const ledger = await openThrough(relay.port);
    const other = await connect(postgres.url);
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock('plimsoll.entries'::regclass::oid::bigint)`);
    const failed = ledger.append(entry('a')).catch((error: unknown) => error);
    await sleep(200);
    relay.cut();
    expect(await failed).toMatchObject({
      type: 'Unavailable',
      message: expect.stringMatching(
        /^The ledger postgres:\/\/127\.0\.0\.1:\d+\/postgres did not answer \(.+\)\. Plimsoll tries again\.$/,
      ) as string,
    });
    await other.query('ROLLBACK');
    await other.end();
    await expect(ledger.append(entry('a'))).resolves.toMatchObject({ seq: 1 });
    relay.cut();
    await sleep(200);
    await expect(ledger.find('a')).resolves.toMatchObject({ seq: 1 });
    await ledger.close();
    await relay.close();
  });

  async function openThrough(port: number) {
    await backend.fresh();
    const url = new URL(postgres.url);
    url.port = String(port);
    return await openLedger({ url: url.href });
  }

  test('another writer that does not end', async () => {
    const ledger = await open();
    const other = await connect(postgres.url);
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock('plimsoll.entries'::regclass::oid::bigint)`);
    await expect(ledger.append(entry('a'))).rejects.toMatchObject({ type: 'Unavailable' });
    await other.query('ROLLBACK');
    await other.end();
    await expect(ledger.append(entry('a'))).resolves.toMatchObject({ seq: 1 });
  });

  test.each([
    ['40001', 'could not serialize access'],
    ['40P01', 'deadlock detected'],
    ['57P01', 'terminating connection due to administrator command'],
    ['53300', 'sorry, too many clients already'],
  ])('%s %s', async (code, text) => {
    const ledger = await open();
    for (const statement of reject(code, text)) await postgres.query(statement);
    await expect(ledger.append(entry('a'))).rejects.toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
      message: `The ledger ${place()} did not answer (${text}). Plimsoll tries again.`,
    });
  });
});

describe('a ledger that cannot be written says what to do', () => {
  test.each([
    [
      '53100',
      'could not extend file: No space left on device',
      'Nothing was written. Free space on the disk of PostgreSQL, or point DATABASE_URL to a database that has room',
    ],
    [
      '42501',
      'permission denied for table entries',
      'Let the role of DATABASE_URL write the ledger: GRANT USAGE ON SCHEMA plimsoll and GRANT SELECT, INSERT ' +
        'ON ALL TABLES IN SCHEMA plimsoll. The first start also needs CREATE on the database',
    ],
    [
      '25006',
      'cannot execute INSERT in a read-only transaction',
      'Nothing was written. Point DATABASE_URL to the primary server, or end its read-only mode',
    ],
    [
      '3D000',
      'database "shop" does not exist',
      'Create the database with createdb, or name another database in DATABASE_URL',
    ],
    [
      '28P01',
      'password authentication failed for user "plimsoll"',
      "Check the user and the password of DATABASE_URL in the worker's environment",
    ],
    [
      '42P01',
      'relation "entries" does not exist',
      "Check DATABASE_URL in the worker's environment, and check that the tables there belong to Plimsoll",
    ],
  ])('%s %s', async (code, text, remedy) => {
    const ledger = await open();
    for (const statement of reject(code, text)) await postgres.query(statement);
    await expect(ledger.append(entry('a'))).rejects.toMatchObject({
      type: 'Misconfigured',
      nonRetryable: true,
      message: `The ledger ${place()} cannot be used: ${text}.\n${remedy}. Then start the worker again: plimsoll worker`,
    });
    expect(await ledger.read({ limit: 1 })).toEqual([]);
  });

  test('made by a newer Plimsoll: nothing is touched', async () => {
    const { close } = await open();
    await close();
    opened.length = 0;
    await postgres.query('INSERT INTO plimsoll.ledger_version VALUES (5)');
    await expect(openLedger({ url: postgres.url })).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        `The ledger ${place()} was made by a newer Plimsoll: its tables have version 5, but this worker knows version 4. Nothing was changed.\n` +
        'Install the same Plimsoll on every worker: npm install plimsoll@latest. Then start the worker again: plimsoll worker',
    });
  });

  test('no server: the worker does not start, and the password is not shown', async () => {
    const relay = await startRelay(1);
    await relay.close();
    const url = `postgres://plimsoll:${encodeURIComponent(password)}@127.0.0.1:${relay.port}/ledger`;
    const refused = await openLedger({ url }).catch((error: unknown) => error as Error);
    expect(refused).toMatchObject({
      type: 'Misconfigured',
      message:
        `The ledger postgres://127.0.0.1:${relay.port}/ledger does not answer: connect ECONNREFUSED 127.0.0.1:${relay.port}. The worker did not start.\n` +
        "Check that PostgreSQL runs there and that DATABASE_URL in the worker's environment is right. Then start the worker again: plimsoll worker",
    });
  });
});
