import { describe, expect, test } from 'vitest';
import type { Change, Changes } from '../../../domain/approval/changes.ts';
import { demandsOf, type KindRoles, type PathRule } from '../../../domain/approval/demands.ts';

const file = (path: string, after: string | null = 'x', before: string | null = null): Change => ({
  path,
  before: before === null ? null : { mode: '100644', text: before },
  after: after === null ? null : { mode: '100644', text: after },
});
const rule = (over: Partial<PathRule>): PathRule => ({ name: 'prices', approvers: 2, ...over });
const demands = (
  files: Change[],
  over: { environment?: string; rules?: PathRule[]; roles?: KindRoles; unread?: string } = {},
) => {
  const { environment = 'production', rules, roles, unread = null } = over;
  const changes: Changes = { files, unread, links: [] };
  return demandsOf({ environment, changes, rules, roles }).map(({ required, why, role }) =>
    role === undefined ? [required, why] : [required, why, role],
  );
};

describe('what changes asks for people', () => {
  const sql = file('supabase/migrations/1.sql');
  const staging = { environment: 'staging' };

  test.each<[string, Change[], Parameters<typeof demands>[1], unknown[][]]>([
    ['nothing', [file('a.ts')], {}, []],
    [
      'a migration',
      [sql],
      {},
      [[2, 'two approvers: the deploy changes schema migrations (supabase/migrations/1.sql)']],
    ],
    [
      'a migration on staging',
      [sql],
      staging,
      [[1, 'a human: the deploy changes schema migrations (supabase/migrations/1.sql)']],
    ],
    [
      'a place of another name is guarded like production',
      [sql],
      { environment: 'shop-eu' },
      [[2, 'two approvers: the deploy changes schema migrations (supabase/migrations/1.sql)']],
    ],
    [
      'many',
      ['a', 'b', 'c', 'd', 'e'].map((name) => file(`${name}.sql`)),
      {},
      [[2, 'two approvers: the deploy changes schema migrations (a.sql, b.sql, c.sql and 2 more)']],
    ],
    [
      'all three',
      [sql, file('stripe.ts'), file('.env.example')],
      {},
      [
        [2, 'two approvers: the deploy changes schema migrations (supabase/migrations/1.sql)'],
        [2, 'two approvers: the deploy changes payment code (stripe.ts)'],
        [2, 'two approvers: the deploy changes secrets or their names (.env.example)'],
      ],
    ],
    [
      'more than can be read',
      [],
      { unread: 'there are 9000 changed files, but at most 5000 are read' },
      [[2, 'two approvers: there are 9000 changed files, but at most 5000 are read']],
    ],
    [
      'more than can be read, on staging',
      [],
      { ...staging, unread: 'it is too much' },
      [[1, 'a human: it is too much']],
    ],
    [
      'a submodule',
      [{ path: 'vendor/x', before: null, after: { mode: '160000', text: null } }],
      {},
      [[2, 'two approvers: the content of a submodule was not read (vendor/x)']],
    ],
    [
      'a submodule that goes',
      [{ path: 'vendor/x', before: { mode: '160000', text: null }, after: null }],
      {},
      [],
    ],
    [
      'a path of a rule',
      [file('src/prices/a/b.ts')],
      { rules: [rule({ paths: ['src/prices/**'] })] },
      [[2, 'two approvers: the rule "prices" applies (src/prices/a/b.ts)']],
    ],
    [
      'a rule of one',
      [file('src/prices/a.ts')],
      { rules: [rule({ paths: ['*prices*'], approvers: 1 })] },
      [[1, 'a human: the rule "prices" applies (src/prices/a.ts)']],
    ],
    ['not that path', [file('x/src/prices/a')], { rules: [rule({ paths: ['src/prices/*'] })] }, []],
    [
      'the path at the root, too',
      [file('discounts.ts')],
      { rules: [rule({ paths: ['*/discounts.ts'] })] },
      [[2, 'two approvers: the rule "prices" applies (discounts.ts)']],
    ],
    [
      'a text that comes',
      [file('a.ts', 'x\nUnitPrice = 3', 'x')],
      { rules: [rule({ content: ['unitPRICE'] })] },
      [[2, 'two approvers: the rule "prices" applies (a.ts)']],
    ],
    [
      'a text that goes',
      [file('a.ts', 'x', 'x\nunitPrice')],
      { rules: [rule({ content: ['unitPrice'] })] },
      [[2, 'two approvers: the rule "prices" applies (a.ts)']],
    ],
    [
      'a text that stays',
      [file('a.ts', 'y\nunitPrice', 'x\nunitPrice')],
      { rules: [rule({ content: ['unitPrice'] })] },
      [],
    ],
    [
      'a rule with a role',
      [file('src/prices/a.ts')],
      { rules: [rule({ paths: ['*prices*'], role: 'buyer' })] },
      [
        [
          2,
          'two approvers, one of them buyer: the rule "prices" applies (src/prices/a.ts)',
          'buyer',
        ],
      ],
    ],
    [
      'a rule of one with a role',
      [file('src/prices/a.ts')],
      { rules: [rule({ paths: ['*prices*'], approvers: 1, role: 'buyer' })] },
      [[1, 'a human who is buyer: the rule "prices" applies (src/prices/a.ts)', 'buyer']],
    ],
    [
      'kinds with roles, on staging too',
      [sql, file('stripe.ts'), file('.env.example')],
      { ...staging, roles: { migrations: 'dba', payments: 'money' } },
      [
        [
          1,
          'a human who is dba: the deploy changes schema migrations (supabase/migrations/1.sql)',
          'dba',
        ],
        [1, 'a human who is money: the deploy changes payment code (stripe.ts)', 'money'],
        [1, 'a human: the deploy changes secrets or their names (.env.example)'],
      ],
    ],
    [
      'a name that draws on the screen',
      [file('\u001b[2K.sql')],
      {},
      [[2, 'two approvers: the deploy changes schema migrations (\\u001B[2K.sql)']],
    ],
    [
      'a long name, by its end',
      [file(`${'d'.repeat(80)}/1.sql`)],
      {},
      [[2, `two approvers: the deploy changes schema migrations (…${'d'.repeat(53)}/1.sql)`]],
    ],
  ])('%s', (_, files, over, expected) => {
    expect(demands(files, over)).toEqual(expected);
  });
});
