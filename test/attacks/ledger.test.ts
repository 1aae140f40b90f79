import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashOf, noHash, rowBody } from '../../activities/ledger/chain.ts';
import type { Row } from '../../activities/ledger/chain.ts';
import { linkBody } from '../../activities/ledger/link-table.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { ReadLedger } from '../../domain/contract/ledger.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { publicSealKeyText } from '../../activities/lib/seal-key.ts';
import { createSeals, createSealVerifier, sealKeyId } from '../../activities/lib/seals.ts';
import type { Seals, SealVerifier } from '../../activities/lib/seals.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { entry } from '../activities/ledger/ledger-fixture.ts';

const newKey = () => generateKeyPairSync('ed25519').privateKey;
const sealsOf = (key: ReturnType<typeof newKey>, ...accepted: ReturnType<typeof newKey>[]) =>
  createSeals(
    key,
    accepted.map((one) => createSeals(one).publicKeys[0]!),
  );

const [ours, next] = [newKey(), newKey()];
const seals = sealsOf(ours);
const eve = sealsOf(newKey());

const fresh = () => join(mkdtempSync(join(tmpdir(), 'plimsoll-attack-')), 'ledger.db');

let path: string;
const opened: Ledger[] = [];
beforeEach(() => {
  path = fresh();
});
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function open(with_: Seals | SealVerifier | undefined = seals) {
  const ledger = await openLedger({ path }, with_);
  opened.push(ledger);
  return ledger;
}

/** Two ledgers as a worker makes them: a checkpoint, then five rulings; with and without a link. */
const templates = { linked: fresh(), unlinked: fresh() };
beforeAll(async () => {
  const ledger = await openLedger({ path: templates.linked }, seals);
  await ledger.recordKeys();
  for (const approver of ['ana', 'ben', 'cleo', 'dan', 'eli'])
    await ledger.append(entry(`d-1/ruling/${approver}`, { kind: 'ruling', body: { approver } }));
  const source = new DatabaseSync(templates.linked);
  await backup(source, templates.unlinked);
  source.close();
  await ledger.link(Date.now(), 0);
  await ledger.close();
});

async function written({ link = true } = {}) {
  copyFileSync(link ? templates.linked : templates.unlinked, path);
  return await open();
}

function dropTriggers(database: DatabaseSync) {
  for (const { name } of database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
    .all())
    database.exec(`DROP TRIGGER ${String(name)}`);
}

/**
 * What an attacker does with the file in hand, without the key: drops every trigger, changes the
 * rows, and makes all hashes anew.
 */
function attack(change: (rows: Row[], database: DatabaseSync) => Row[]) {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  dropTriggers(database);
  const all = database.prepare('SELECT * FROM entries ORDER BY seq').all() as unknown as Row[];
  const changed = change(
    all.map((row) => ({ ...row })),
    database,
  );
  database.exec('DELETE FROM entries');
  let before = noHash;
  for (const [index, { hash: _, ...row }] of changed.entries()) {
    const chained = { ...row, seq: index + 1, prev_hash: before };
    before = hashOf(chained);
    const values = Object.entries({ ...chained, hash: before });
    database
      .prepare(
        `INSERT INTO entries (${values.map(([name]) => name).join()}) VALUES (${values.map(() => '?').join()})`,
      )
      .run(...values.map(([, value]) => value));
  }
  database.exec('COMMIT');
  database.close();
}

/** Inserts a row without a seal at the start of the chain. */
function insert(content: Omit<Row, 'prev_hash' | 'hash' | 'seal' | 'seen_seq'>) {
  const database = new DatabaseSync(path);
  dropTriggers(database);
  const row = { ...content, prev_hash: noHash, seal: null, seen_seq: null };
  const values = Object.entries({ ...row, hash: hashOf(row) });
  const names = values.map(([name]) => name).join();
  database
    .prepare(`INSERT INTO entries (${names}) VALUES (${values.map(() => '?').join()})`)
    .run(...values.map(([, value]) => value));
  database.close();
}

const rewritten = (row: Row, body: object): Row => ({ ...row, body: canonicalJson(body) });
const withoutLinks = (rows: Row[], database: DatabaseSync) => {
  database.exec('DELETE FROM links');
  return rows;
};
const at = <T>(list: readonly T[], index: number) => list[index]!;

/** The check of a worker that starts after the attack, so it remembers nothing. */
const verify = async (with_?: Seals | SealVerifier) => await (await open(with_)).verify();

test('an untouched ledger is right: sealed rows, links, no tail', async () => {
  const ledger = await written();
  const head = { entries: 6, head: expect.stringMatching(/^[0-9a-f]{64}$/) as string };
  expect(await ledger.verify()).toEqual({
    ...{ ok: true, ...head, notSealed: 0, tail: null },
    signers: [{ key: sealKeyId(at(seals.publicKeys, 0)), rows: 6, retired: null }],
    linked: { seq: 6, at: expect.stringMatching(/Z$/) as string },
  });
});

describe.each([
  ['with the links in place', (rows: Row[]) => rows],
  ['with all links removed', withoutLinks],
])('%s, an attacker without the key is found who', (_, first) => {
  const rules = (why: string | RegExp, seq: number) => ({
    ok: false,
    seq,
    verified: seq - 1,
    why: why instanceof RegExp ? (expect.stringMatching(why) as string) : why,
  });

  test('rewrites a row and makes the hashes anew', async () => {
    await written();
    attack((rows, database) =>
      first(rows, database).map((row) =>
        row.seq === 3 ? rewritten(row, { approver: 'robin' }) : row,
      ),
    );
    expect(await verify()).toEqual(
      rules(
        'row 3 ("d-1/ruling/ben") was changed after a worker sealed it, or a row before it was changed, moved or removed',
        3,
      ),
    );
  });

  test.each(['kind', 'key', 'deploy_id', 'project', 'environment', 'at'] as const)(
    'changes only the %s of a row',
    async (column) => {
      await written();
      attack((rows, database) =>
        first(rows, database).map((row) =>
          row.seq === 4 ? { ...row, [column]: column === 'at' ? '2020' : 'changed' } : row,
        ),
      );
      expect(await verify()).toMatchObject({ ok: false, seq: 4 });
    },
  );

  test('swaps two rows', async () => {
    await written();
    attack((rows, database) => {
      const [one, two, three, four, ...rest] = first(rows, database);
      return [one!, two!, four!, three!, ...rest];
    });
    expect(await verify()).toEqual(rules(/^row 3 \("d-1\/ruling\/cleo"\) was changed/, 3));
  });

  test('removes a row in the middle', async () => {
    await written();
    attack((rows, database) => first(rows, database).filter(({ seq }) => seq !== 3));
    expect(await verify()).toEqual(rules(/^row 3 \("d-1\/ruling\/cleo"\) was changed/, 3));
  });

  test.each([
    ['without a seal', null, /^row 7 \("d-9\/ruling"\) has no seal/],
    ['with the seal of another row', 'copied', /^row 7 .* was changed after a worker sealed it/],
    ['with a seal of their own key', 'own', /^row 7 .* is sealed with the key .{16}, which is no/],
  ])('inserts a row %s', async (_name, how, why) => {
    await written();
    attack((rows, database) => {
      const last = at(first(rows, database), 5);
      const row = { ...last, key: 'd-9/ruling', body: '{"approver":"eve"}', seen_seq: 6 };
      const seal =
        how === 'own' ? eve.seal('ledger', rowBody(row, last)) : how === 'copied' ? row.seal : null;
      return [...rows, { ...row, seal }];
    });
    expect(await verify()).toMatchObject({ ok: false, seq: 7, why: expect.stringMatching(why) });
  });

  test('names their own key in a checkpoint that they seal', async () => {
    await written();
    attack((rows, database) => {
      const last = at(first(rows, database), 5);
      const texts = [publicSealKeyText(at(eve.publicKeys, 0))];
      const body = canonicalJson({ keys: texts, retired: [], head: { seq: 6, hash: last.hash } });
      const row = { ...last, kind: 'checkpoint', key: 'checkpoint/eve', body, seen_seq: 6 };
      return [...rows, { ...row, seal: eve.seal('ledger', rowBody(row, last)) }];
    });
    expect(await verify()).toMatchObject({ ok: false, seq: 7, unknownKey: expect.any(String) });
  });
});

describe('a cut tail', () => {
  test('is found if the links are in place', async () => {
    await written();
    attack((rows) => rows.slice(0, 4));
    expect(await verify()).toMatchObject({
      ok: false,
      seq: 5,
      why: expect.stringMatching(
        /^the ledger ends at row 4, but a worker linked row 6 at .*: the newest rows were removed$/,
      ),
    });
  });

  test('and removed links are found by a worker that had read the rows', async () => {
    const ledger = await written();
    await ledger.link(Date.now(), 0);
    attack((rows, database) => withoutLinks(rows, database).slice(0, 4));
    expect((await ledger.link(Date.now(), 0)).wrong).toMatchObject({
      ok: false,
      seq: 6,
      why: 'row 6 was changed, moved or removed after this worker had read it',
    });
  });

  test('a worker links nothing after a wrong row', async () => {
    await written({ link: false });
    attack((rows) => rows.map((row) => (row.seq === 3 ? rewritten(row, {}) : row)));
    const linked = await (await open()).link(Date.now(), 0);
    expect(linked).toMatchObject({ link: null, wrong: { seq: 3 } });
  });

  test('rows that no worker has linked are counted, with their age', async () => {
    const ledger = await written();
    const { at: since } = await ledger.append(entry('new-1'));
    await ledger.append(entry('new-2'));
    expect(await ledger.verify()).toMatchObject({ ok: true, tail: { rows: 2, since } });
  });
});

test.each([
  ['an own key', eve],
  ['another time', null],
])('a link with %s is no link', async (_name, key) => {
  await written({ link: false });
  attack((rows, database) => {
    const last = at(rows, 5);
    const head = { seq: 6, hash: last.hash, at: '2026-01-01T00:00:00.000Z' };
    const seal = (key ?? seals).seal('ledger', linkBody({ ...head, at: key ? head.at : '2025' }));
    database
      .prepare('INSERT INTO links (seq, hash, at, seal) VALUES (?, ?, ?, ?)')
      .run(head.seq, head.hash, head.at, seal);
    return rows;
  });
  const why = 'no worker made the link of row 6';
  expect(await verify()).toMatchObject({ ok: false, seq: 6, why });
});

test('rows that were written at the same time and swapped after the link are found by the link', async () => {
  const ledger = await written({ link: false });
  await Promise.all([ledger.append(entry('one')), ledger.append(entry('two'))]);
  await ledger.link(Date.now(), 0);
  attack((rows) => {
    const [one, two] = rows.slice(6);
    expect([one?.seen_seq, two?.seen_seq]).toEqual([6, 6]);
    return [...rows.slice(0, 6), two!, one!];
  });
  expect(await verify()).toMatchObject({
    ...{ ok: false, seq: 8 },
    why: expect.stringMatching(
      /^row 8 or an earlier row was changed, moved or removed after a worker linked/,
    ),
  });
});

describe('keys', () => {
  /** A rotation as the documentation describes it: both keys, then the next key alone. */
  async function rotated() {
    await written();
    const both = await open(sealsOf(next, ours));
    expect(await both.recordKeys()).toBeNull();
    await both.append(entry('sealed-by-next'));
    await (await open()).append(entry('sealed-by-a-worker-with-the-earlier-key'));
    const alone = await open(sealsOf(next));
    expect(await alone.recordKeys()).toBeNull();
    await alone.append(entry('after'));
    return alone;
  }

  test('after a rotation, rows of the earlier key verify, with the next key alone', async () => {
    const alone = await rotated();
    const [nextId, oursId] = [
      sealKeyId(createSeals(next).publicKeys[0]!),
      sealKeyId(at(seals.publicKeys, 0)),
    ];
    expect(await alone.verify()).toMatchObject({
      ok: true,
      entries: 11,
      signers: [
        { key: oursId, rows: 7, retired: 10 },
        { key: nextId, rows: 4, retired: null },
      ],
    });
    const checkpoint = (await alone.read({ kinds: ['checkpoint'], limit: 1 }))[0];
    expect(checkpoint?.body).toMatchObject({
      keys: [publicSealKeyText(next)],
      retired: [publicSealKeyText(ours)],
      head: { seq: 9 },
    });
  });

  test('public keys alone verify too', async () => {
    await rotated();
    const verifier = createSealVerifier(createSeals(next).publicKeys);
    expect(await verify(verifier)).toMatchObject({ ok: true, entries: 11 });
  });

  test('a row that is sealed with a retired key after its checkpoint is wrong', async () => {
    await rotated();
    await (await open(sealsOf(ours))).append(entry('stolen'));
    expect(await verify(sealsOf(next))).toMatchObject({
      ok: false,
      seq: 12,
      why: expect.stringMatching(
        /^row 12 \("stolen"\) is sealed with the key .{16}, which row 10 retired$/,
      ),
    });
  });

  test('a thief of the retired key cannot rewrite the rows before the checkpoint', async () => {
    await rotated();
    attack((rows) => {
      const [before, victim] = [at(rows, 2), at(rows, 3)];
      const forged = rewritten(victim, { approver: 'eve' });
      const seal = seals.seal('ledger', rowBody(forged, before));
      return rows.map((row) => (row.seq === 4 ? { ...forged, seen_seq: 3, seal } : row));
    });
    // The thief can seal row 4, but not the checkpoint that comes after it.
    expect(await verify(sealsOf(next))).toMatchObject({
      ...{ ok: false, seq: 7 },
      why: expect.stringMatching(/^row 7 .* was changed after a worker sealed it, or a row before/),
    });
  });

  test('a lost earlier key is named, and no checkpoint covers its rows', async () => {
    await written();
    const stranger = await open(sealsOf(next));
    const key = sealKeyId(at(seals.publicKeys, 0));
    expect(await stranger.recordKeys()).toMatchObject({ ok: false, seq: 1, unknownKey: key });
    expect(await stranger.readUnchecked({ kinds: ['checkpoint'], limit: 9 })).toHaveLength(1);
  });

  test('the same key adds one checkpoint only', async () => {
    const ledger = await written();
    await ledger.recordKeys();
    await (await open(seals)).recordKeys();
    expect(await ledger.read({ kinds: ['checkpoint'], limit: 9 })).toHaveLength(1);
  });
});

describe('a worker does not decide by a wrong row', () => {
  const rulings: ReadLedger = { kinds: ['ruling'], limit: 9 };
  const key = 'd-1/ruling/ben';
  const change = (to: (row: Row, before: Row) => Row) =>
    attack((rows, database) => {
      withoutLinks(rows, database);
      return rows.map((row, index) => (row.key === key ? to(row, at(rows, index - 1)) : row));
    });
  const forged = { kind: 'ruling', body: { approver: 'eve' } } as const;
  const ways: [string, () => void, RegExp][] = [
    [
      'rewrites it and makes all hashes anew',
      () => change((row) => rewritten(row, forged.body)),
      /row 3 \("d-1\/ruling\/ben"\) was changed after a worker sealed it/,
    ],
    [
      'rewrites it and keeps its hash',
      () => {
        const database = new DatabaseSync(path);
        dropTriggers(database);
        database.prepare('UPDATE entries SET body = ? WHERE key = ?').run('{}', key);
        database.close();
      },
      /row 3 \("d-1\/ruling\/ben"\) was changed after it was written/,
    ],
    [
      'seals it with another key',
      () =>
        change((row, before) => {
          const other = rewritten(row, forged.body);
          return { ...other, seal: eve.seal('ledger', rowBody(other, before)) };
        }),
      /row 3 .* is sealed with the key .{16}, which is no key of the workers/,
    ],
    [
      'removes its seal',
      () => change((row) => ({ ...rewritten(row, forged.body), seal: null, seen_seq: null })),
      /row 3 .* has no seal, but an earlier row has one/,
    ],
    [
      'moves the content of another row under its key',
      () => change((row, before) => ({ ...before, key: row.key, seq: row.seq })),
      /row 3 .* was changed after a worker sealed it/,
    ],
  ];

  test.each(ways)('if somebody with the file %s', async (_, change_, why) => {
    await written();
    change_();
    const ledger = await open();
    await expect(ledger.find(key)).rejects.toThrow(why);
    await expect(ledger.read(rulings)).rejects.toThrow(why);
    await expect(ledger.append(entry(key, forged))).rejects.toThrow(why);
    expect(await ledger.readUnchecked(rulings)).toHaveLength(5);
    expect(await ledger.find('d-1/ruling/ana')).toMatchObject({ body: { approver: 'ana' } });
  });

  test('also if this worker had read the row before', async () => {
    const ledger = await written();
    expect(await ledger.read(rulings)).toHaveLength(5);
    at(ways, 1)[1]();
    await expect(ledger.find(key)).rejects.toMatchObject({
      nonRetryable: false,
      message:
        'The ledger was changed: row 3 ("d-1/ruling/ben") was changed after it was written. ' +
        'Plimsoll does not decide by this row, and tries again.\n' +
        'See what is wrong and what to do: plimsoll history --verify',
    });
  });
});

test('a worker does not decide by a row if the seals of all rows up to it were removed', async () => {
  await written();
  attack((rows, database) => {
    withoutLinks(rows, database);
    return rows.map((row) => (row.seq <= 3 ? { ...row, seal: null, seen_seq: null } : row));
  });
  const ledger = await open();
  const why = 'row 3 ("d-1/ruling/ben") has no seal, and no sealed row confirms it';
  await expect(ledger.find('d-1/ruling/ben')).rejects.toThrow(why);
});

test.each([0, -1])('a worker does not decide by a row that was inserted as row %i', async (seq) => {
  await written();
  const forged = { seq, key: 'd-1/ruling/eve', kind: 'ruling', at: '2025', body: '{}' };
  insert({ ...forged, deploy_id: 'd-1', project: 'shop', environment: 'production' });
  const ledger = await open();
  await expect(ledger.find(forged.key)).rejects.toThrow('no sealed row confirms it');
});

describe('a ledger from before the seals', () => {
  /** The tables as an earlier version made them. */
  const earlier = `CREATE TABLE entries (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE, deploy_id TEXT, project TEXT, environment TEXT, body TEXT NOT NULL,
    prev_hash TEXT NOT NULL, hash TEXT NOT NULL) STRICT`;

  function old() {
    const database = new DatabaseSync(path);
    database.exec(earlier);
    let prev_hash = noHash;
    for (const seq of [1, 2, 3]) {
      const about = { deploy_id: 'd-1', project: 'shop', environment: 'production' };
      const row = { seq, at: '2025', kind: 'started', key: `k${seq}`, ...about, body: '{"n":1}' };
      const hash = hashOf({ ...row, prev_hash, seal: null, seen_seq: null });
      const values = Object.values({ ...row, prev_hash, hash });
      database
        .prepare(`INSERT INTO entries VALUES (${values.map(() => '?').join()})`)
        .run(...values);
      prev_hash = hash;
    }
    database.close();
  }

  test('opens; its rows are "not sealed", never wrong; new rows are sealed', async () => {
    old();
    const ledger = await open();
    expect(await ledger.verify()).toMatchObject({
      ok: true,
      entries: 3,
      notSealed: 3,
      signers: [],
    });
    await ledger.recordKeys();
    await ledger.append(entry('new'));
    await ledger.link(Date.now(), 0);
    expect(await ledger.verify()).toMatchObject({
      ...{ ok: true, entries: 5, notSealed: 3, tail: null },
      signers: [{ rows: 2 }],
    });
  });

  test('a rewritten row from before is found by the first sealed row', async () => {
    old();
    await (await open()).recordKeys();
    attack((rows) => rows.map((row) => (row.seq === 2 ? rewritten(row, {}) : row)));
    expect(await verify()).toMatchObject({ ok: false, seq: 4 });
    await expect((await open()).find('k2')).rejects.toThrow('no sealed row confirms it');
  });

  test('a row from before with a new hash of its own does not fit the next row', async () => {
    old();
    await (await open()).recordKeys();
    const database = new DatabaseSync(path);
    dropTriggers(database);
    const row = database.prepare('SELECT * FROM entries WHERE seq = 2').get() as unknown as Row;
    const { hash: _, ...content } = rewritten(row, {});
    const set = database.prepare('UPDATE entries SET body = ?, hash = ? WHERE seq = 2');
    set.run(content.body, hashOf(content));
    database.close();
    await expect((await open()).find('k2')).rejects.toThrow('no sealed row confirms it');
  });

  test('a worker decides by its rows, also by those from before the seals', async () => {
    old();
    const ledger = await open();
    expect(await ledger.find('k2')).toMatchObject({ seq: 2 });
    await ledger.recordKeys();
    await ledger.append(entry('new'));
    expect(await ledger.read({ limit: 9 })).toHaveLength(5);
    expect(await (await open()).read({ limit: 9 })).toHaveLength(5);
  });

  test('refuses a worker that does not seal, once it is sealed', async () => {
    await written();
    const unsealed = await openLedger({ path });
    opened.push(unsealed);
    await expect(unsealed.append(entry('old-worker'))).rejects.toThrow(
      'the rows of this ledger are sealed, and this worker does not seal: update it',
    );
    expect(await unsealed.verify()).toMatchObject({ ok: true, entries: 6, signers: null });
  });
});
