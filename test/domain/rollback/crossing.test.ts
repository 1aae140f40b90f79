import { describe, expect, test } from 'vitest';
import type { Change } from '../../../domain/approval/changes.ts';
import { crossing } from '../../../domain/rollback/crossing.ts';
import { declaredNote, forwardOnlyNote } from '../../../domain/messages/migrations.ts';

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

  const unread = 'there are 9000 changed files, but at most 5000 are read';
  test.each([
    [[brings('lib/db.ts', null)], `unread changes may contain migrations: ${unread}`],
    [[brings('a.sql', 'x')], `a.sql; unread changes may contain migrations: ${unread}`],
    [[], `unread changes may contain migrations: ${unread}`],
  ])('more than anybody reads: %j', (files, forwardOnly) => {
    expect(crossing({ files, unread, links: [] })).toEqual({ forwardOnly, declared: null });
  });

  test('no migration', () => {
    expect(of(brings('a.ts', 'x'))).toEqual({ forwardOnly: null, declared: null });
  });
});

test('approvers read', () => {
  expect(forwardOnlyNote({ forwardOnly: 'a.sql' })).toBe(
    'NOT automatic: this release contains schema migrations that are not declared ' +
      'backward-compatible (a.sql); if this release fails, it stays live until an approver signs the ' +
      'rollback',
  );
  expect(declaredNote('a.sql')).toBe(
    'the rollback crosses schema migrations that are declared backward-compatible (a.sql)',
  );
});
