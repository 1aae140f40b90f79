import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Matches a command with a text that may come from a commit, a branch or a request. */
const inCommand =
  /(?:--ref |\bgit (?:push origin|ls-remote|fetch|switch|checkout|rm -r --cached) )\$\{(?<what>[^}]+)/g;
/** A commit is hexadecimal. `shellWord` quotes every other text. */
const isSafe =
  /^(?:shellWord\(|(?:short|digits)\(\w+$|(?:plan\.)?sha$|(?:\w+\.)*(?:sha|head)\.slice\()/;
/** Names of commits that hold no other text. */
const commits = ['sha', 'lost', 'rolledBackTo', 'digits(ours)', 'sha.slice(0, 12)'];

const unquoted = (source: string) =>
  [...source.matchAll(inCommand)]
    .map(({ groups }) => groups?.['what'] ?? '')
    .filter((what) => !isSafe.test(what) && !commits.includes(what));

test('every printed command quotes the names of branches, addresses and files', () => {
  const files = globSync('{domain,activities,client,worker,workflows}/**/*.ts', { cwd: root });
  const found = files.flatMap((file) =>
    unquoted(readFileSync(`${root}/${file}`, 'utf8')).map((what) => `${file}: ${what}`),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(found).toEqual([]);
});

test('a command without quotes would be found', () => {
  const printed = ['--ref ${ref}', '--ref ${plan.ref}', 'git push origin ${branch}'];
  expect(printed.flatMap(unquoted)).toEqual(['ref', 'plan.ref', 'branch']);
  expect(['--ref ${shellWord(ref)}', '--ref ${sha}'].flatMap(unquoted)).toEqual([]);
});
