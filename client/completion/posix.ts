import { valued } from './grammar.ts';
import type { Grammar, Value, Verb } from './grammar.ts';

export const names = (named: readonly { name: string }[]) => named.map(({ name }) => name);

/** The `case` arms over the word before the cursor, for bash and zsh alike. */
export function valueArms(
  grammar: Grammar,
  act: { files: string; words: (of: readonly string[]) => string },
): string[] {
  const values = [...valued(grammar)];
  const flags = (kind: Value) => ofKind(values, kind).join('|');
  const choices = values.filter((entry): entry is [string, readonly string[]] =>
    Array.isArray(entry[1]),
  );
  return [
    `${flags('path')}) ${act.files}; return ;;`,
    ...choices.map(([name, of]) => `${name}) ${act.words(of)}; return ;;`),
    `${flags('text')}) return ;;`,
  ];
}

const ofKind = (values: [string, Value][], kind: Value) =>
  values.filter(([, value]) => value === kind).map(([name]) => name);

/** Single-quoted for any shell of the Bourne family. */
export const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export const indented = (lines: readonly string[]) => lines.map((line) => `    ${line}`).join('\n');

export const wordsOf = (verb: Verb, { flags }: Grammar) => [
  ...verb.words,
  ...names([...verb.flags, ...flags]),
];
