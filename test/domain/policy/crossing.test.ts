import { describe, expect, test } from 'vitest';
import type { Change } from '../../../domain/policy/changes.ts';
import { crossing } from '../../../domain/policy/crossing.ts';
import { declaredNote, forwardOnlyNote } from '../../../domain/policy/forward-only.ts';

const brings = (path: string, text: string | null): Change => ({
  ...{ path, before: null },
  after: text === null ? null : { mode: '100644', text },
});
const of = (...files: Change[]) => crossing({ files, unread: null, links: [] });
const declared = '-- plimsoll: backward-compatible';

describe('what a release brings', () => {
  test.each([
    ['select 1;'],
    ['select 1; -- plimsoll: backward-compatible'],
    ["select '\n x -- plimsoll: backward-compatible';"],
    ['-- plimsoll: backward-compatibles'],
    ['-- plimsoll: not backward-compatible'],
    ['plimsoll: backward-compatible'],
    ['-- backward-compatible'],
    [''],
  ])('a migration that does not declare itself: %j', (text) => {
    expect(of(brings('migrations/1.sql', text))).toEqual({
      forwardOnly: 'migrations/1.sql',
      declared: null,
    });
  });

  test.each([
    ['migrations/1.sql', `${declared}\nselect 1;`],
    ['migrations/1.sql', 'select 1;\n\t--plimsoll: Backward-Compatible (adds a column)'],
    ['migrations/1.py', '# plimsoll: backward-compatible'],
    ['migrations/1.ts', '  // plimsoll: backward-compatible'],
    ['migrations/1.ts', '/* plimsoll: backward-compatible */'],
    ['migrations/1.ts', '/**\n * plimsoll: backward-compatible\n */'],
    ['migrations/1.xml', '<!-- plimsoll: backward-compatible -->'],
  ])('one that does: %s %j', (path, text) => {
    expect(of(brings(path, text))).toEqual({ forwardOnly: null, declared: path });
  });

  test('several: one that does not declare itself is enough', () => {
    const files = [brings('a.sql', declared), brings('b.sql', 'x'), brings('c.sql', 'x')];
    expect(of(...files)).toEqual({ forwardOnly: 'b.sql, c.sql', declared: 'a.sql' });
  });

  test('one that is taken away is not run', () => {
    const gone = { path: 'a.sql', before: { mode: '100644', text: 'x' }, after: null };
    expect(of(gone)).toEqual({ forwardOnly: null, declared: null });
  });

  test('one that nobody could read has declared nothing', () => {
    const unreadable = { path: 'a.sql', before: null, after: { mode: '100644', text: null } };
    expect(of(unreadable).forwardOnly).toBe('a.sql');
  });

  const unread = '9000 changed files are more than the 5000 that are read';
  test.each([
    [[brings('lib/db.ts', null)], `what nobody read may hold some: ${unread}`],
    [[brings('a.sql', 'x')], `a.sql; what nobody read may hold some: ${unread}`],
    [[], `what nobody read may hold some: ${unread}`],
  ])('more than anybody reads: %j', (files, forwardOnly) => {
    expect(crossing({ files, unread, links: [] })).toEqual({ forwardOnly, declared: null });
  });

  test('no migration', () => {
    expect(of(brings('a.ts', 'x'))).toEqual({ forwardOnly: null, declared: null });
  });
});

test('approvers read', () => {
  expect(forwardOnlyNote({ forwardOnly: 'a.sql' })).toBe(
    'NOT taken back by itself: it brings schema migrations that are not declared backward-compatible ' +
      '(a.sql); if it fails, it stays as it is until an approver signs the way back',
  );
  expect(declaredNote('a.sql')).toBe(
    'taken back across schema migrations that say they are backward-compatible (a.sql)',
  );
});
