import { taking, valued } from './grammar.ts';
import type { Grammar, Value, Verb } from './grammar.ts';

export const names = (named: readonly { name: string }[]) => named.map(({ name }) => name);

/**
 * Returns `case` arms for bash and zsh that complete the value of an option. Each arm matches the
 * word before the cursor, which is the name of the option.
 */
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

/** Puts `text` into single quotes, for any shell of the Bourne family. */
export const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export const indented = (lines: readonly string[]) => lines.map((line) => `    ${line}`).join('\n');

export const wordsOf = (verb: Verb, { flags }: Grammar) => [
  ...verb.words,
  ...names([...verb.flags, ...flags]),
];

/**
 * Returns the `case` arms for each word before the cursor. The arms set the shell variables `skip`,
 * `verb` and `given`.
 */
export const wordArms = (grammar: Grammar) => [
  `${taking(grammar).join('|')}) skip=1 ;;`,
  '-*) ;;',
  '*) if [[ $verb ]]; then given+=("$word"); else verb=$word; fi ;;',
];

/**
 * A shell function. Without an argument, it prints the projects. With the name of a project, it
 * prints the environments of this project.
 */
export const placesFunction = `_plimsoll_places() {
  plimsoll completion places 2>/dev/null | while read -r project environment; do
    if [[ $# == 0 ]]; then echo "$project"
    elif [[ $1 == "$project" ]]; then echo "$environment"; fi
  done | uniq
}`;
