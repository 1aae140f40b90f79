import { expect, test } from 'vitest';
import type { LedgerChain } from '../../../domain/contract/ledger.ts';
import { isProven, ledgerWasChanged, renderChain } from '../../../domain/messages/ledger.ts';

const key = 'Bp822tQ8w1SBAq5V';
const right = {
  ...{ ok: true, entries: 6, head: 'abc', notSealed: 0, tail: null },
  signers: [{ key, rows: 6, retired: null }],
  linked: { seq: 6, at: '2026-03-01T09:12:40.113Z' },
  anchor: { state: 'off' },
} satisfies LedgerChain;

const off =
  'anchor     off. Without an anchor, nobody sees that the newest rows were removed. Set one: docs/ledger.md';

test('an intact ledger: rows, keys, links and anchor', () => {
  expect(renderChain(right)).toBe(
    'The ledger is intact: 6 rows verified. The hash of the newest row is abc.\n' +
      `sealed     6 rows by the key ${key}\n` +
      'linked     up to row 6, at 2026-03-01T09:12:40.113Z\n' +
      off,
  );
  expect(isProven(right)).toBe(true);
});

test('old rows, a retired key and rows that are not linked yet', () => {
  const since = '2026-03-01T09:13:02.871Z';
  const signers = [
    { key, rows: 3, retired: 4 },
    { key: 'next', rows: 1, retired: null },
  ];
  expect(
    renderChain({ ...right, notSealed: 2, tail: { rows: 1, since }, signers, linked: null }),
  ).toBe(
    'The ledger is intact: 6 rows verified. The hash of the newest row is abc.\n' +
      `sealed     3 rows by the key ${key} (retired by row 4); 1 row by the key next\n` +
      'not sealed the oldest 2 rows, from before the ledger was sealed. This number must never grow.\n' +
      `linked     no row; 1 row since ${since} not yet. A worker links new rows every minute.\n` +
      off,
  );
});

test('seals that were not checked, and a ledger that no worker has sealed yet', () => {
  expect(renderChain({ ...right, signers: null })).toContain(
    '\nsealed     not checked: this machine has no public key of the workers. Read the keys on a worker: plimsoll seal\n',
  );
  expect(renderChain({ ...right, entries: 1, signers: [], notSealed: 1 })).toContain(
    '\nsealed     no row. The worker seals rows since its last update: start it again: plimsoll worker\n' +
      'not sealed the oldest row, from before the ledger was sealed. This number must never grow.\n',
  );
});

test('a wrong row, and a row of an unknown key', () => {
  const wrong = { ok: false, seq: 3, why: 'row 3 ("k") is wrong', verified: 2 } as const;
  const rest =
    'Plimsoll did not make this change. Keep the database as it is for the investigation, and ' +
    'compare it with a backup: docs/ledger.md';
  const first =
    'The ledger is broken: row 3 ("k") is wrong. Row 3 is the first wrong row; 2 rows before it verified.';
  expect(renderChain(wrong)).toBe(`${first}\n${rest}`);
  expect(renderChain({ ...wrong, unknownKey: key })).toBe(
    `${first}\nIf ${key} is an earlier key of your workers, put its public key back: docs/ledger.md, "Keys". If not:\n${rest}`,
  );
  expect(isProven(wrong)).toBe(false);
});

test('a changed ledger, in the log of a worker', () => {
  expect(ledgerWasChanged('row 3 ("k\u001b") is wrong')).toBe(
    'The ledger was changed: row 3 ("k\\u001B") is wrong. This worker links and anchors no more rows.\n' +
      'See what is wrong and what to do: plimsoll history --verify',
  );
});

const at = '2026-03-01T09:12:40.113Z';
test.each<[Extract<LedgerChain, { ok: true }>['anchor'], string, boolean]>([
  [
    { state: 'none', place: 'git' },
    'nothing yet in git. A worker writes the first anchor within an hour.',
    true,
  ],
  [
    { state: 'missing', place: 'git' },
    'MISSING: git has no anchor, although rows were linked more than two hours ago. ' +
      'Either the worker cannot write there (see its log), or somebody removed the anchor: docs/ledger.md',
    false,
  ],
  [
    { state: 'unreadable', place: 'git', why: 'git said no.' },
    'NOT CHECKED: git said no.\nSolve this problem, then verify again: plimsoll history --verify',
    false,
  ],
  [
    { state: 'forged', place: 'git', why: 'it has no seal of a worker' },
    'FORGED: the newest anchor in git was made by no worker: it has no seal of a worker. ' +
      'Find out who may write there: docs/ledger.md',
    false,
  ],
  [
    { state: 'holds', place: 'git', seq: 6, at, checkedAt: '2026-03-02' },
    `row 6, anchored at ${at} in git, is unchanged (checked at 2026-03-02)`,
    true,
  ],
])('the anchor: %j', (anchor, words, proven) => {
  expect(renderChain({ ...right, anchor }).split('\nanchor     ')[1]).toBe(words);
  expect(isProven({ ...right, anchor })).toBe(proven);
});
