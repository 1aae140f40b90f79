import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scrub } from '../../domain/messages/parts/scrub.ts';
import { textsOf } from '../support/texts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = globSync('{activities,client,domain,worker,workflows}/**/*.ts', { cwd: root });

/** Texts that `scrub` may change, each with the reason. */
const allowed: readonly (readonly [file: string, why: string])[] = [
  ['activities/ledger/sqlite-database.ts', 'SQL, not for people'],
  ['activities/ledger/postgres-address.ts', 'an example with a password; the rest stays readable'],
  ['activities/platforms/vps/scripts/runners.ts', 'an awk program that reads JSON, not for people'],
];

/** Returns the sentences of a source that `scrub` would change: a part looks like a secret. */
const cutTexts = (source: string) =>
  textsOf(source).filter((text) => text.split(' ').length > 3 && scrub(text) !== text);

test('no text for people contains a part that scrub takes for a secret', () => {
  const others = files.filter((file) => !allowed.some(([one]) => one === file));
  const cut = others.flatMap((file) =>
    cutTexts(readFileSync(`${root}/${file}`, 'utf8')).map((text) => [file, text, scrub(text)]),
  );
  expect(cut).toEqual([]);
});

test('a command right after "key:" would be cut', () => {
  expect(cutTexts("const remedy = 'Make the key: ssh-keygen -t ed25519';")).toHaveLength(1);
});
