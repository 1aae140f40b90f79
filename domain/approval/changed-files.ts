import type { FilesOfKind } from '../deploy/plan.ts';
import { fits, isSubmodule, namesOf, type Change, type Changes } from './changes.ts';
import { sensitive } from './sensitive.ts';

/** The number of listed names for each kind, and the longest name in characters. */
const mostNames = 3;
const longestName = 100;

/** The kinds that a path alone shows, with their patterns. The first kind that matches counts. */
const byPath: readonly (readonly [kind: string, patterns: readonly string[]])[] = [
  [
    'pipelines',
    ['*/.github/*', '*/.gitlab-ci.yml', '*/.circleci/*', '*/jenkinsfile', '*/plimsoll.yaml'],
  ],
  [
    'dependencies',
    [
      ...['*/package.json', '*/package-lock.json', '*/npm-shrinkwrap.json', '*/yarn.lock'],
      ...['*/pnpm-lock.yaml', '*/bun.lock*', '*/requirements*.txt', '*/pyproject.toml'],
      ...['*/poetry.lock', '*/uv.lock', '*/pipfile*', '*/gemfile*', '*/composer.json'],
      ...['*/composer.lock', '*/go.mod', '*/go.sum', '*/cargo.toml', '*/cargo.lock'],
      ...['*/pom.xml', '*/build.gradle*', '*.csproj', '*/mix.exs', '*/mix.lock'],
    ],
  ],
  [
    'infrastructure',
    [
      ...['*/dockerfile*', '*/containerfile*', '*/compose*.y*ml', '*/docker-compose*.y*ml'],
      ...['*.service', '*.tf', '*.tfvars', '*/wrangler.toml', '*/wrangler.json*'],
      ...['*/nginx*.conf', '*/caddyfile'],
    ],
  ],
  [
    'tests',
    ['*/test/*', '*/tests/*', '*/__tests__/*', '*/spec/*', '*.test.*', '*.spec.*', '*_test.*'],
  ],
  ['documents', ['*.md', '*.mdx', '*.rst', '*.adoc', '*/docs/*', '*/license*']],
];

/**
 * Counts the changed files by kind, for the people who approve. Each file counts once. The kinds
 * that need approvers come first: schema migrations, payment code, secrets. The last kind is code.
 */
export function filesByKind(changes: Changes): FilesOfKind[] {
  const special = Object.entries(sensitive).map(
    ([kind, find]) => [kind, new Set(find(changes))] as const,
  );
  const kindOf = (change: Change) =>
    special.find(([, found]) => found.has(change))?.[0] ?? kindByPath(change, changes.links);
  const groups = Map.groupBy(changes.files, kindOf);
  const order = [...special, ...byPath].map(([kind]) => kind).concat('submodules', 'code');
  return order.flatMap((kind) => {
    const files = groups.get(kind) ?? [];
    if (files.length === 0) return [];
    const names = files.slice(0, mostNames).map(({ path }) => shortened(path));
    return [{ kind, files: files.length, names }];
  });
}

function kindByPath(change: Change, links: Changes['links']): string {
  if ([change.before, change.after].some(isSubmodule)) return 'submodules';
  const names = namesOf(change, links);
  return byPath.find(([, patterns]) => fits(patterns, names))?.[0] ?? 'code';
}

/** Keeps the end of a long path, because the end contains the name of the file. */
const shortened = (path: string) =>
  path.length > longestName ? `…${path.slice(-longestName)}` : path;
