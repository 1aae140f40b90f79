import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { expect, test } from 'vitest';
import { github } from '../../domain/services/github.ts';
import { documentedNeeds } from '../../sandbox/github/permissions.ts';
import { githubPermissions } from '../../domain/services/github-permissions.ts';
import type { TokenKind } from '../../domain/services/call.ts';
import { services } from '../contract/schema-source.ts';
import type { ServiceName } from '../contract/schema-source.ts';
import { permissionsPage } from '../permissions/document.ts';
import { toldOf } from '../permissions/rows.ts';

const file = fileURLToPath(new URL('../../docs/permissions.md', import.meta.url));

test('the page of permissions is made from the tables (vitest FILE -u writes it)', async () => {
  const { code } = await format(file, permissionsPage(), { printWidth: 100, singleQuote: true });
  await expect(code).toMatchFileSnapshot(file);
});

test.each(Object.keys(services) as ServiceName[])(
  'every documented permission of %s was removed once, and no other',
  (vendor) => {
    const kinds: readonly TokenKind[] = services[vendor].tokens;
    const told = toldOf(vendor) ?? {};
    const wanted = kinds.map(({ name, permissions }) => [name, permissions.map((one) => one.name)]);
    const tried = Object.entries(told).map(([name, rows]) => [
      name,
      rows.map(({ permission }) => permission),
    ]);
    const sorted = (list: unknown[][]) =>
      list.map(([name, all]) => [name, (all as string[]).toSorted()]);
    expect(sorted(tried)).toEqual(sorted(wanted));
  },
);

test("GitHub's own data names the same permission for every call of Plimsoll", () => {
  const titles = new Map<string, string>(
    Object.values(githubPermissions).map(({ api, title }) => [api, title]),
  );
  const ours = github.calls.filter(({ call }) => call.includes('/repos/'));
  const theirs = ours.map(({ call }) => {
    const need = documentedNeeds[call];
    return [call, need && `${titles.get(need.permission)}: ${need.level}`];
  });
  expect(ours.map(({ call, permission }) => [call, permission])).toEqual(theirs);
});
