import { describe, expect, test } from 'vitest';
import { filesByKind } from '../../../domain/approval/changed-files.ts';
import type { Change, Changes } from '../../../domain/approval/changes.ts';

const file = (path: string, text: string | null = ''): Change => ({
  path,
  before: null,
  after: { mode: '100644', text },
});
const changes = (...files: Change[]): Changes => ({ files, unread: null, links: [] });
const kindOf = (path: string, text?: string) => filesByKind(changes(file(path, text)))[0]?.kind;

describe('changed files', () => {
  test('count once each, the kinds that need approvers first, code last', () => {
    const paths = ['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/d.ts', 'README.md', 'db/migrate/1.sql'];
    expect(filesByKind(changes(...paths.map((path) => file(path))))).toEqual([
      { kind: 'schema migrations', files: 1, names: ['db/migrate/1.sql'] },
      { kind: 'documents', files: 1, names: ['README.md'] },
      { kind: 'code', files: 4, names: ['src/a.ts', 'src/b.ts', 'src/c.ts'] },
    ]);
  });

  test.each([
    ['.github/workflows/ci.yml', 'pipelines'],
    ['package-lock.json', 'dependencies'],
    ['apps/shop/requirements-dev.txt', 'dependencies'],
    ['Dockerfile', 'infrastructure'],
    ['deploy/shop.service', 'infrastructure'],
    ['test/cart.ts', 'tests'],
    ['src/cart.test.ts', 'tests'],
    ['docs/use.html', 'documents'],
    ['src/billing/cart.ts', 'payment code'],
    ['src/testimony.ts', 'code'],
  ])('%s is of the kind %s', (path, kind) => expect(kindOf(path)).toBe(kind));

  test('a submodule is a kind of its own', () => {
    const module: Change = { path: 'lib', before: null, after: { mode: '160000', text: null } };
    expect(filesByKind(changes(module))).toEqual([
      { kind: 'submodules', files: 1, names: ['lib'] },
    ]);
  });

  test('a long name keeps its end, and a secret in the content is a kind that needs approvers', () => {
    const path = `${'a/'.repeat(100)}cart.ts`;
    expect(filesByKind(changes(file(path)))[0]?.names).toEqual([`…${path.slice(-100)}`]);
    expect(kindOf('src/env.ts', 'process.env.SHOP_TOKEN')).toBe('secrets or their names');
  });
});
